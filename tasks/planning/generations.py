"""Another try at what failed: a further run of the same spec, so that every run stays as it was committed."""

from collections.abc import Mapping
from dataclasses import replace

from tasks.planning.draft import Draft
from tasks.run_files.commits import read_commit, read_rows
from tasks.run_files.finished_runs import finished_plans, planned_runs
from tasks.run_files.naming import run_id_of

__all__ = [
    "GENERATION",
    "finished_before",
    "finished_generation",
    "generation_of",
    "in_generation",
    "newest_generation",
    "next_try",
]

GENERATION = "generation"
"""Name among the components of a run id; generation 0 has none, so that its id does not depend on it."""

CONTENTS = frozenset({"corpus", "relevance", "regions", "rejected", GENERATION})
"""Components that move when a corpus changes where it lies, or by another try."""

MOST = 1_000
"""Generations of one spec that are looked for; earlier ones may have been pruned, so there may be gaps."""


def generation_of(draft: Draft) -> int:
    """0 for a spec's first run, one more for every ``--retry-failed`` that started a run."""
    return int(draft.components.get(GENERATION, "0"))


def in_generation(draft: Draft, number: int) -> Draft:
    """The same draft as a run of another generation."""
    components = {name: value for name, value in draft.components.items() if name != GENERATION}
    if number:
        components[GENERATION] = str(number)
    return replace(draft, run_id=run_id_of(components), components=components)


def newest_generation(draft: Draft) -> Draft:
    """The highest generation that has a plan; generation 0 if none has."""
    return _newest(draft, finished=False) or in_generation(draft, 0)


def finished_generation(draft: Draft) -> Draft | None:
    """The highest generation that is finished."""
    return _newest(draft, finished=True)


def finished_before(draft: Draft) -> Draft | None:
    """The newest finished run of the same spec over what the corpus was then, like that of last night."""
    wanted = _beside_contents(draft.components)
    plans = [
        plan
        for plan in finished_plans(draft.storage)
        if plan.parameters.corpus == draft.parameters.corpus and _beside_contents(plan.components) == wanted
    ]
    if not plans:
        return None
    newest = max(plans, key=lambda plan: plan.created)
    return replace(draft, run_id=newest.run_id, components=newest.components)


def next_try(draft: Draft) -> Draft:
    """The generation that tries again what failed.

    It is the newest one if that is unfinished, or finished without failures (there is nothing to try then),
    else the one after it.
    """
    newest = newest_generation(draft)
    if _n_failed(newest):
        return in_generation(draft, generation_of(newest) + 1)
    return newest


def _beside_contents(components: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in components.items() if name not in CONTENTS}


def _newest(draft: Draft, *, finished: bool) -> Draft | None:
    runs = planned_runs(draft.storage)
    for number in reversed(range(MOST)):
        candidate = in_generation(draft, number)
        if runs.get(candidate.run_id, False) or (candidate.run_id in runs and not finished):
            return candidate
    return None


def _n_failed(draft: Draft) -> int:
    """Items of a finished run that another try may bring; 0 of one that is not finished.

    Entries that the corpus reader rejected are not among them: mending the corpus makes another run.
    """
    storage = draft.storage
    finish = read_commit(storage, draft.run_id, "finish", 0)
    if finish is None:
        return 0
    stages = read_rows(storage, [finish], "failures", ["stage"])["stage"].to_pylist()
    return sum(stage != "plan" for stage in stages)
