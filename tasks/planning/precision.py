"""Precision of a run whose spec says auto: a draft in either one, and what earlier starts have frozen."""

from dataclasses import replace

from ilime_core.encoders.precision import PRECISIONS
from tasks.planning.attempts import ATTEMPT
from tasks.planning.draft import Draft
from tasks.run_files.finished_runs import planned_runs, stored_plans
from tasks.run_files.naming import run_id_of
from tasks.run_files.plan import RunPlan, effects_digest

__all__ = ["as_planned_before", "in_precision", "is_open"]


def is_open(draft: Draft) -> bool:
    """True if the spec leaves the precision to ilime and the model runs on the CPU."""
    return draft.parameters.model.precision == "auto" and draft.model.device == "cpu"


def in_precision(draft: Draft, precision: str) -> Draft:
    """The same draft in a precision.

    Parameters
    ----------
    draft
        Draft in any precision.
    precision
        ``float32`` or ``bfloat16``.

    Returns
    -------
    Draft
        Copy with another run id, or one that is equal if the precision is.
    """
    components = draft.components | {"precision": precision}
    model = draft.model.model_copy(update={"precision": precision})
    return replace(draft, run_id=run_id_of(components), components=components, model=model)


def as_planned_before(draft: Draft) -> Draft | None:
    """The draft in the precision that an earlier start of this output has frozen; None if none has.

    A plan of the same run counts first, finished or not, so that a resume goes on with it on any machine;
    then that of the newest finished run whose effects this one can copy, like last night's over a smaller
    corpus.

    Parameters
    ----------
    draft
        Draft in any precision.

    Returns
    -------
    Draft or None
        Copy of the draft.
    """
    drafts = {effects_digest(one.components): one for one in (in_precision(draft, p) for p in PRECISIONS)}
    runs = planned_runs(draft.storage)

    def is_own(plan: RunPlan) -> bool:
        own = drafts[plan.effects_digest].components
        return _beside_attempts(plan.components) == _beside_attempts(own)

    known = [one.run_id for one in drafts.values() if one.run_id in runs]
    plans = [
        plan
        for plan in stored_plans(draft.storage, known or runs)  # a resume need not read all of them
        if plan.effects_digest in drafts and (runs[plan.run_id] or is_own(plan))
    ]
    if not plans:
        return None
    # A spec that named its precision says little of one that does not.
    chosen = max(
        plans, key=lambda plan: (is_own(plan), plan.parameters.model.precision == "auto", plan.created)
    )
    return drafts[chosen.effects_digest]


def _beside_attempts(components: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in components.items() if name != ATTEMPT}
