"""Damage of a run's frozen plan: seals of its files, digests of the tables that they name."""

from collections.abc import Iterator

from tasks.run_files.damage import DamageError
from tasks.run_files.naming import plan_folder, plan_key
from tasks.run_files.plan_files import PLAN, named_tables, table_problem
from tasks.run_files.problems import Problem, ProblemKind
from tasks.run_files.seals import unsealed
from tasks.storage.storage import MissingFileError, Storage

__all__ = ["check_plan"]


def check_plan(storage: Storage, run_id: str) -> Iterator[Problem]:
    """Check the files of the frozen plan: seals, and digests of the tables that they name.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Yields
    ------
    Problem
        One for each problem found.
    """
    folder = f"{plan_folder(run_id)}/"
    names = [file.key.removeprefix(folder) for file in storage.list(folder)]
    if PLAN not in names:
        yield Problem(ProblemKind.DAMAGED_PLAN, plan_key(run_id), "does not exist")
    for name in names:
        if not name.endswith(".json"):
            continue
        key = plan_key(run_id, name)
        try:
            content = unsealed(storage.read_bytes(key), run_id, name, (storage.url, key))
        except DamageError as error:
            yield Problem(ProblemKind.DAMAGED_PLAN, key, error.reason)
            continue
        for table in named_tables(content):
            message = _table_message(storage, run_id, table)
            if message:
                yield Problem(
                    ProblemKind.DAMAGED_PLAN, plan_key(run_id, table), f"{message} (named by {name})"
                )


def _table_message(storage: Storage, run_id: str, name: str) -> str | None:
    try:
        return table_problem(name, storage.read_bytes(plan_key(run_id, name)))
    except MissingFileError:
        return "does not exist"
