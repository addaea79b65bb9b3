"""Differences between a spec and an earlier run that give it another run id."""

from tasks.planning.attempts import ATTEMPT, attempt_of, in_attempt
from tasks.planning.draft import Draft
from tasks.run_files.finished_runs import finished_plans
from tasks.run_files.naming import plan_key

__all__ = ["describe_changes"]


def describe_changes(draft: Draft) -> str | None:
    """One line on what differs from the nearest finished run; None for a known run or an empty output."""
    storage = draft.storage
    if storage.exists(plan_key(draft.run_id)):
        return None
    if number := attempt_of(draft):
        earlier = in_attempt(draft, number - 1).run_id
        return f"attempt {number}: tries again what failed in {earlier}; all else is copied"
    nearest: tuple[int, str, list[str]] | None = None
    for plan in finished_plans(storage):
        changed = [
            name
            for name in draft.components | plan.components
            if name != ATTEMPT and draft.components.get(name) != plan.components.get(name)
        ]
        if nearest is None or len(changed) < nearest[0]:
            nearest = (len(changed), plan.run_id, changed)
    if nearest is None:
        return None
    _, run_id, changed = nearest
    return f"a new run, because it differs from {run_id} in: {', '.join(changed)}"
