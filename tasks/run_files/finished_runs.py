"""Runs of an output from one listing, and the plans of those that are finished."""

from collections.abc import Iterable, Iterator

from ilime_core.errors import InputError
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import RUNS, commit_key
from tasks.run_files.plan import RunPlan
from tasks.run_files.plan_files import PLAN, read_plan_file
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage

__all__ = ["finished_plans", "planned_runs", "stored_plans"]


def planned_runs(storage: Storage) -> dict[str, bool]:
    """Ids of the runs that have a plan, in order; True if the run is finished."""
    keys = {file.key for file in storage.list(RUNS)}
    ids = sorted(key.split("/")[1] for key in keys if key.endswith("/plan/plan.json"))
    return {run_id: commit_key(run_id, "finish", 0) in keys for run_id in ids}


def finished_plans(storage: Storage) -> Iterator[RunPlan]:
    """Plans of the finished runs of an output, by run id."""
    ids = [run_id for run_id, finished in planned_runs(storage).items() if finished]
    yield from stored_plans(storage, ids)


def stored_plans(storage: Storage, run_ids: Iterable[str]) -> Iterator[RunPlan]:
    """Plans of some runs of an output, in order; those that cannot be read are left out.

    Parameters
    ----------
    storage
        The output.
    run_ids
        Runs that have a plan.

    Yields
    ------
    RunPlan
        Plan of a run.
    """

    def read(run_id: str) -> RunPlan | None:
        try:
            return read_plan_file(storage, run_id, PLAN, RunPlan)[0]
        except (DamageError, InputError, MissingFileError):
            return None  # damaged or of another schema: its rows cannot be reused; or just pruned

    for plan in read_many(read, list(run_ids)):
        if plan is not None:
            yield plan
