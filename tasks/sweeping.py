"""What no record names is removed before a run counts as finished: from then on plain globs are exact."""

from tasks.commits import all_commits
from tasks.naming import parse_part, plan_key, run_prefix, table_prefix
from tasks.storage import Storage
from tasks.tables import TABLES

__all__ = ["sweep"]


def sweep(storage: Storage, run_id: str) -> int:
    """Remove parts that no record names, tables that no plan names, and temporary files of killed writers.

    Call it only when every block is committed: a part whose record is still to come would go as well.

    Returns
    -------
    int
        How many files were removed.

    Raises
    ------
    StorageError
        If a record is damaged: nothing is removed then.
    """
    stages = all_commits(storage, run_id).values()
    named = {part.key for commits in stages for commit in commits.values() for part in commit.parts}
    parts = [
        file.key
        for table in TABLES
        for file in storage.list(table_prefix(table, run_id))
        if parse_part(file.key) is not None and file.key not in named
    ]
    strays = [*parts, *_unnamed_plan_tables(storage, run_id)]
    for key in strays:
        storage.delete(key)
    folders = [run_prefix(run_id), *(table_prefix(table, run_id) for table in TABLES)]
    return len(strays) + sum(storage.remove_partials(folder) for folder in folders)


def _unnamed_plan_tables(storage: Storage, run_id: str) -> list[str]:
    """Tables of a planner that lost the race: their names stand in no JSON of the plan."""
    files = storage.list(plan_key(run_id, "")[:-1])
    texts = [storage.read_bytes(file.key).decode() for file in files if file.key.endswith(".json")]
    tables = [file.key for file in files if file.key.endswith(".parquet")]
    return [key for key in tables if not any(key.rpartition("/")[2] in text for text in texts)]
