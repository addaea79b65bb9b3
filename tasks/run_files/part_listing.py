"""Parts that lie in a run's tables, held against the records by name and size; none is read."""

from collections.abc import Iterable, Iterator, Mapping

from tasks.run_files.commit_records import Commit
from tasks.run_files.naming import table_prefix
from tasks.run_files.problems import Problem, ProblemKind
from tasks.storage.many_requests import read_many
from tasks.storage.storage import Storage, StoredFile
from tasks.tables import TABLES

__all__ = ["check_sizes", "list_parts"]


def list_parts(storage: Storage, run_id: str) -> dict[str, StoredFile]:
    """List the files in the run's tables.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.

    Returns
    -------
    dict of str to StoredFile
        By key; files that no record names are among them.
    """
    listings = read_many(storage.list, [table_prefix(table, run_id) for table in TABLES])
    return {file.key: file for listing in listings for file in listing}


def check_sizes(commits: Iterable[Commit], listed: Mapping[str, StoredFile]) -> Iterator[Problem]:
    """Find parts that are absent, or of another size than in their records.

    Parameters
    ----------
    commits
        Records of the run.
    listed
        Files in its tables, by key.

    Yields
    ------
    Problem
        One for each problem found.
    """
    for part in (part for commit in commits for part in commit.parts):
        if part.key not in listed:
            message = "is named by a record and does not exist"
            yield Problem(ProblemKind.MISSING_PART, part.key, message)
        elif listed[part.key].size != part.bytes:
            message = f"has {listed[part.key].size} bytes; its record says {part.bytes}"
            yield Problem(ProblemKind.WRONG_SIZE, part.key, message)
