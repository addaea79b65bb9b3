"""Removal of a run in an order in which no remains can be mistaken for a result after a kill."""

import json
import socket
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from ilime_core.errors import InputError
from tasks.run_files.catalog_files import remove_catalog
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key, commits_prefix, plan_key, run_prefix, table_prefix
from tasks.run_files.suggested_commands import ilime_command
from tasks.storage.storage import PROBE, Storage
from tasks.tables import FORMER_TABLES, TABLES

__all__ = ["AT_WORK", "clear_remains", "lost_plan", "mark_key", "remove_run"]

AT_WORK = timedelta(hours=1)
"""Age of the newest file from which on a run or a removal counts as dead; a block takes minutes."""

_AT_ONCE = 16
"""Requests in flight."""


def mark_key(run_id: str) -> str:
    """Key of the mark of a removal: written first, removed last."""
    return f"{run_prefix(run_id)}/pruned.json"


def remove_run(storage: Storage, run_id: str) -> int:
    """Remove everything of a run and its catalog; started again after a kill it removes what is left.

    The plan goes first, so that no reader or resuming start finds the run; then the records, so that no part
    is committed; then the parts. The mark, which is written first and removed last, makes the next removal go
    on, and a planner wait.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Returns
    -------
    int
        Number of files removed.

    Raises
    ------
    StorageError
        If the transport fails; what is left is removed by the next call.
    """
    by = {"by": socket.gethostname(), "at": datetime.now(UTC).isoformat(timespec="seconds")}
    storage.create(mark_key(run_id), json.dumps(by).encode())
    storage.delete(plan_key(run_id))
    n_removed = 1 + remove_catalog(storage, run_id)
    folders = [run_prefix(run_id), *(table_prefix(table, run_id) for table in (*TABLES, *FORMER_TABLES))]
    for folder in (commits_prefix(run_id), *folders[1:], folders[0]):
        keys = [file.key for file in storage.list(folder) if file.key != mark_key(run_id)]
        n_removed += _remove(storage, keys)
    storage.remove_partials(*folders)
    storage.delete(mark_key(run_id))
    for folder in folders:
        storage.remove_empty_folders(folder)
    return n_removed


def clear_remains(storage: Storage, run_id: str) -> None:
    """Remove what a killed removal has left of an earlier run of this id, before it is planned.

    Its records would otherwise count as blocks of the new plan, whose blocks may be others.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Raises
    ------
    InputError
        If the removal, or a writer of the removed run, may still be at work.
    DamageError
        If a finished run has lost its plan otherwise than by a removal.
    """
    remains = [file for file in storage.list(run_prefix(run_id)) if not _is_of_a_planner(file.key)]
    if not remains or storage.exists(plan_key(run_id)):
        return
    if lost_plan(storage, run_id):
        raise DamageError.of(storage.url, plan_key(run_id), "does not exist, and records of the run do")
    newest = max(file.modified for file in remains)
    if datetime.now(UTC) - newest < AT_WORK:
        again = ilime_command("prune", storage.url)
        raise InputError(
            f"run {run_id} of {storage.url} is being removed, last at {newest:%Y-%m-%d %H:%M} UTC: start "
            f"again when that has ended; `{again}` ends a removal that was killed"
        )
    remove_run(storage, run_id)


def lost_plan(storage: Storage, run_id: str) -> bool:
    """True if a finished run has lost its plan and no removal of it has begun.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Returns
    -------
    bool
        False for a run that is unfinished or being removed.
    """
    keys = {file.key for file in storage.list(run_prefix(run_id))}
    finished = commit_key(run_id, "finish", 0) in keys
    return finished and keys.isdisjoint({plan_key(run_id), mark_key(run_id)})


def _is_of_a_planner(key: str) -> bool:
    """True for a file that is written before a plan: another start may be writing it now."""
    folder, _, name = key.rpartition("/")
    return folder.endswith("/plan") and (name.endswith(".parquet") or name.startswith(PROBE))


def _remove(storage: Storage, keys: Sequence[str]) -> int:
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for _ in pool.map(storage.delete, keys):
            pass
    return len(keys)
