"""Retry attempts: further runs of a spec for what failed, so that every run stays as it was committed."""

from collections.abc import Mapping
from dataclasses import replace

from tasks.planning.draft import Draft
from tasks.run_files.committed import read_commit, read_rows
from tasks.run_files.finished_runs import finished_plans, planned_runs
from tasks.run_files.naming import run_id_of

__all__ = [
    "ATTEMPT",
    "attempt_of",
    "finished_attempt",
    "finished_before",
    "in_attempt",
    "newest_attempt",
    "next_attempt",
]

ATTEMPT = "generation"
"""Component of a run id, by its first name; attempt 0 has none, so that its id does not depend on it."""

CONTENTS = frozenset({"corpus", "relevance", "regions", "rejected", "objects", ATTEMPT})
"""Components that move when a corpus changes where it lies, or by another attempt."""

MOST = 1_000
"""Attempts of one spec that are looked for; earlier ones may have been pruned, so there may be gaps."""


def attempt_of(draft: Draft) -> int:
    """0 for a spec's first run, one more for every ``--retry-failed`` that started a run."""
    return int(draft.components.get(ATTEMPT, "0"))


def in_attempt(draft: Draft, number: int) -> Draft:
    """The same draft as a run of another attempt.

    Parameters
    ----------
    draft
        Draft of any attempt.
    number
        Attempt; 0 is the first, whose run id does not depend on attempts.

    Returns
    -------
    Draft
        Copy with another run id.
    """
    components = {name: value for name, value in draft.components.items() if name != ATTEMPT}
    if number:
        components[ATTEMPT] = str(number)
    return replace(draft, run_id=run_id_of(components), components=components)


def newest_attempt(draft: Draft) -> Draft:
    """The highest attempt that has a plan; attempt 0 if none has."""
    return _newest(draft, finished=False) or in_attempt(draft, 0)


def finished_attempt(draft: Draft) -> Draft | None:
    """The highest attempt that is finished."""
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


def next_attempt(draft: Draft) -> Draft:
    """The attempt that tries again what failed.

    It is the newest one if that is unfinished, or finished without failures (there is nothing to try then),
    else the one after it.
    """
    newest = newest_attempt(draft)
    if _n_failed(newest):
        return in_attempt(draft, attempt_of(newest) + 1)
    return newest


def _beside_contents(components: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in components.items() if name not in CONTENTS}


def _newest(draft: Draft, *, finished: bool) -> Draft | None:
    runs = planned_runs(draft.storage)
    for number in reversed(range(MOST)):
        candidate = in_attempt(draft, number)
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
