"""Committed blocks: records by key, by stage and of a whole run, and the rows of their parts."""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType

import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.errors import InternalError
from tasks.run_files.checked_parts import open_part
from tasks.run_files.commit_records import (
    Commit,
    Part,
    parse_commit,
)
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import block_of_commit, check_stage, commit_key, commits_prefix
from tasks.run_files.part_cache import PartCache
from tasks.run_files.parts import empty_table, read_part
from tasks.run_files.record_list import listed_records
from tasks.run_files.schema_check import check_schema
from tasks.storage.many_requests import read_many
from tasks.storage.storage import AccessError, MissingFileError, Storage, StoredFile
from tasks.tables import TABLES

__all__ = [
    "RecordCache",
    "all_commits",
    "committed",
    "read_commit",
    "read_commits",
    "read_rows",
]

_LISTED_FROM = 4  # unread records from which on one read of a finished run's record list is cheaper

RecordCache = dict[str, tuple[StoredFile, Commit]]
"""Records by key, with the listed file of each: as long as that is the same, so is the record."""


def read_commit(storage: Storage, run_id: str, stage: str, block: int) -> Commit | None:
    """Read the record of a block.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    stage, block
        Block that it is of.

    Returns
    -------
    Commit or None
        None if the block is not committed.

    Raises
    ------
    DamageError
        If it differs from what was written.
    StorageError
        If the transport fails.
    """
    key = commit_key(run_id, stage, block)
    try:
        return parse_commit(storage.read_bytes(key), key, storage.url)
    except MissingFileError:
        return None


def read_commits(
    storage: Storage, run_id: str, stage: str, blocks: Sequence[int]
) -> dict[int, Commit | None]:
    """Read the records of some blocks, several requests at a time.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    stage
        Stage of all of them.
    blocks
        Block numbers.

    Returns
    -------
    dict of int to Commit or None
        By block; None where it is not committed.
    """
    found = read_many(lambda block: read_commit(storage, run_id, stage, block), blocks)
    return dict(zip(blocks, found, strict=True))


def committed(storage: Storage, run_id: str, stage: str) -> dict[int, Commit]:
    """Read all records of a stage.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    stage
        A stage, or ``measure-<measure_id>``.

    Returns
    -------
    dict of int to Commit
        By block, in order.
    """
    folder = commits_prefix(run_id, stage)
    files = storage.list(folder)
    listed = listed_records(storage, run_id, folder, files) if len(files) >= _LISTED_FROM else {}
    return _read_records(files, {}, storage, listed).get(stage, {})


def all_commits(
    storage: Storage, run_id: str, cache: RecordCache | None = None, stage: str | None = None
) -> dict[str, dict[int, Commit]]:
    """Read all records of a run, or all of one stage.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    cache
        Records that need not be read again; records that are read are added to it.
    stage
        A stage of `tasks.tables.STAGES`; None for all.

    Returns
    -------
    dict of str to dict of int to Commit
        By stage and block; each measurement is a stage of its own name.

    Raises
    ------
    DamageError
        If a record differs from what was written, or one that the finished run had is gone.
    """
    folder = commits_prefix(run_id)
    known = {} if cache is None else cache
    every = storage.list(folder)
    files = [file for file in every if stage is None or check_stage(file.key.split("/")[-2]) == stage]
    finished = commit_key(run_id, "finish", 0) in {file.key for file in every}
    unread = [file for file in files if file.key not in known]
    listed = finished and (not known or len(unread) >= _LISTED_FROM)
    records = listed_records(storage, run_id, folder, every) if listed else {}
    return _read_records(files, known, storage, records)


def read_rows(
    storage: Storage,
    commits: Iterable[Commit],
    table: str,
    columns: Sequence[str] | None = None,
    filter: pc.Expression | None = None,  # noqa: A002 - pyarrow's own word for it
    *,
    cache: PartCache | None = None,
) -> pa.Table:
    """Rows of a table from the parts that records name, in the order of the records.

    Everything that is read is checked against the digests of the records.

    Parameters
    ----------
    storage
        Output of the run.
    commits
        Records whose parts are read.
    table
        Name of the table.
    columns, filter
        Columns and rows to read; None for all.
    cache
        Cache for parts that will be read again; without one, only the needed bytes are read.

    Returns
    -------
    pyarrow.Table
        Rows in the order of the records.

    Raises
    ------
    DamageError
        If a part is missing or damaged; the message names it.
    SchemaError
        If a record is of another major version of the schema.
    StorageError
        If the transport fails.
    """
    spec, names = TABLES[table], None if columns is None else list(columns)
    found = list(commits)
    check_schema(storage.url, found)
    parts = [part for commit in found for part in commit.parts if part.table == table]

    def read(part: Part) -> pa.Table:
        try:
            with open_part(storage, part, cache) as stream:
                return read_part(stream, spec, names, filter)
        except AccessError:
            raise
        except (pa.ArrowException, OSError, InternalError) as error:
            raise DamageError.of(storage.url, part.key, str(error)) from error

    return pa.concat_tables([empty_table(spec, names), *read_many(read, parts)])


def _read_records(
    files: Iterable[StoredFile],
    cache: RecordCache,
    storage: Storage,
    listed: Mapping[str, Commit] = MappingProxyType({}),
) -> dict[str, dict[int, Commit]]:
    """Records of files by stage and block, in order; those neither cached nor listed are read and cached."""
    places = {
        file: (file.key.split("/")[-2], block)
        for file in files
        if (block := block_of_commit(file.key)) is not None
    }
    wanted = [file for file in places if file.key not in cache or cache[file.key][0] != file]

    def read(file: StoredFile) -> Commit:
        return listed.get(file.key) or parse_commit(storage.read_bytes(file.key), file.key, storage.url)

    for file, commit in zip(wanted, read_many(read, wanted), strict=True):
        cache[file.key] = (file, commit)
    found: dict[str, dict[int, Commit]] = {}
    for file, (stage, block) in sorted(places.items(), key=lambda one: one[1]):
        found.setdefault(stage, {})[block] = cache[file.key][1]
    return found
