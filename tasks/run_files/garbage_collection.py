"""Garbage collection before a run counts as finished: afterwards plain globs match committed files only."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from tasks.run_files.committed import all_commits
from tasks.run_files.naming import parse_part, plan_folder, run_prefix, table_prefix
from tasks.run_files.part_listing import list_parts
from tasks.run_files.plan_files import named_tables, read_plan_content
from tasks.run_files.pruning import AT_WORK
from tasks.storage.storage import PROBE, Storage, StoredFile
from tasks.tables import TABLES

__all__ = ["collect_garbage"]

ABANDONED = timedelta(days=1)
"""Age from which on an uncommitted part counts as abandoned; a block takes minutes."""


def collect_garbage(storage: Storage, run_id: str, listed: Mapping[str, StoredFile] | None = None) -> int:
    """Remove parts that no record names, tables that no plan names, and temporary files of killed writers.

    A part of a block that is not committed may be waiting for its record: it is removed only when a day old.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    listed
        Files in the run's tables by key, where a caller has just listed them.

    Returns
    -------
    int
        Number of files removed.

    Raises
    ------
    DamageError
        If a record or a plan is damaged: nothing is removed then.
    """
    stages = all_commits(storage, run_id)
    decided = {(stage, block) for stage, commits in stages.items() for block in commits}
    named = {part.key for commits in stages.values() for commit in commits.values() for part in commit.parts}
    strays = [
        file.key
        for file in (list_parts(storage, run_id) if listed is None else listed).values()
        if file.key not in named and _is_stray(file, decided)
    ]
    strays += _left_by_planners(storage, run_id)
    for key in strays:
        storage.delete(key)
    folders = [run_prefix(run_id), *(table_prefix(table, run_id) for table in TABLES)]
    return len(strays) + storage.remove_partials(*folders)


def _is_stray(file: StoredFile, decided: set[tuple[str, int]]) -> bool:
    name = parse_part(file.key)
    if name is None:
        return False
    return (name.stage, name.block) in decided or datetime.now(UTC) - file.modified > ABANDONED


def _left_by_planners(storage: Storage, run_id: str) -> list[str]:
    """Tables of a planner that lost the race, which no JSON of the plan names, and old probes."""
    files = storage.list(plan_folder(run_id))
    names = [file.key.rpartition("/")[2] for file in files]
    plans = [read_plan_content(storage, run_id, name) for name in names if name.endswith(".json")]
    named = {table for plan in plans for table in named_tables(plan)}
    tables = [file.key for file in files if file.key.endswith(".parquet")]
    unnamed = [key for key in tables if key.rpartition("/")[2] not in named]
    return unnamed + [file.key for file in files if _is_old_probe(file)]


def _is_old_probe(file: StoredFile) -> bool:
    """A young one may belong to a start that is planning now."""
    name = file.key.rpartition("/")[2]
    return name.startswith(PROBE) and datetime.now(UTC) - file.modified > AT_WORK
