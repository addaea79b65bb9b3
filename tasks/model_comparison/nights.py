"""The last two runs of a spec, as a nightly schedule leaves them."""

from ilime_core.errors import InputError
from tasks.run_files.finished_runs import finished_plans
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters
from tasks.storage.storage import Storage

__all__ = ["last_two_runs"]

ELSEWHERE = frozenset({"output", "runner", "faithfulness", "selection", "failures", "blocks"})
"""Sections of a spec that say nothing of what is explained, or how."""


def last_two_runs(spec: ExplainParameters, against: str = "") -> tuple[Run, Run] | None:
    """Find the newest finished run of a spec and the one that it is compared with.

    Parameters
    ----------
    spec
        Spec of the nightly run. Its corpus may have grown and its model been trained since: a run is of the
        spec if it was planned from the same settings.
    against
        Selector of a run of the same output; empty: the finished run of the spec before the newest.

    Returns
    -------
    tuple of two Runs, or None
        The earlier and the newest; None where there is no earlier one yet.

    Raises
    ------
    InputError
        If no run of the spec is finished, or ``against`` names none.
    """
    wanted = _settings(spec)
    plans = [plan for plan in finished_plans(Storage(spec.output)) if _settings(plan.parameters) == wanted]
    plans.sort(key=lambda plan: (plan.created, plan.run_id))
    if not plans:
        raise InputError(f"{spec.output}: no run of this spec is finished; ilime explain runs it first")
    newest = open_run(spec.output, plans[-1].run_id)
    if against:
        earlier = open_run(spec.output, against)
        return None if earlier.run_id == newest.run_id else (earlier, newest)
    return None if len(plans) < 2 else (open_run(spec.output, plans[-2].run_id), newest)


def _settings(spec: ExplainParameters) -> dict[str, object]:
    return spec.model_dump(mode="json", exclude=set(ELSEWHERE))
