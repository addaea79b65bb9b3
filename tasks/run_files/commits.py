"""Commits: a block's parts are written first, then a record that only one writer can create."""

import hashlib
import os
import socket
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from ilime_core.errors import InternalError
from tasks.run_files.checked_parts import piece_digests
from tasks.run_files.commit_records import (
    BlockFacts,
    Commit,
    Failure,
    Part,
    commit_bytes,
    content_digest,
    sealed,
)
from tasks.run_files.committed import read_commit
from tasks.run_files.library_versions import library_versions
from tasks.run_files.naming import block_of_commit, check_stage, commit_key, commits_prefix, part_key
from tasks.run_files.parts import part_bytes
from tasks.storage.storage import Storage, StorageError
from tasks.tables import TABLES

__all__ = [
    "BlockFacts",
    "Commit",
    "Failure",
    "Part",
    "append_block",
    "commit_block",
]

Tables = Mapping[str, pa.Table | Sequence[pa.Table]]


def commit_block(  # noqa: PLR0917 - the six name one block
    storage: Storage, run_id: str, stage: str, block: int, tables: Tables, facts: BlockFacts
) -> tuple[Commit, bool]:
    """Write a block's parts and its record.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    stage
        A stage of `tasks.tables.STAGES`, or ``measure-<measure_id>``.
    block
        Number of the block within the stage.
    tables
        Rows by table; several tables make several parts, and no rows make no part, except from stage finish,
        which writes the empty part of every table that has no rows, whichever stage writes that.
    facts
        Costs, inputs and failures for the record.

    Returns
    -------
    tuple of Commit and bool
        The record that exists afterwards, and whether it is ours. If another writer was first, our parts are
        removed, except those that its record names.

    Raises
    ------
    InternalError
        If a table belongs to another stage or does not fit its schema. Nothing is written then.
    StorageError
        If the transport fails. Parts written before that are not committed.
    """
    encoded = _encoded(run_id, stage, block, tables)
    for part, data in encoded.values():
        storage.write(part.key, data)
    parts = tuple(part for part, _ in encoded.values())
    digest = content_digest(stage, block, parts, facts.failures)
    worker = f"{socket.gethostname()}:{os.getpid()}"
    commit = sealed(Commit(stage, block, parts, facts, worker, library_versions(), digest, run_id))
    if storage.create(commit_key(run_id, stage, block), commit_bytes(commit)):
        return commit, True
    return _lost_race(storage, run_id, commit), False


def append_block(storage: Storage, run_id: str, stage: str, tables: Tables, facts: BlockFacts) -> Commit:
    """Commit rows that no other writer computes under the next free block number.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    stage
        Stage that writes the tables.
    tables
        Rows by table, as in `commit_block`.
    facts
        Costs, inputs and failures for the record.

    Returns
    -------
    Commit
        Record that holds our rows.
    """
    block = max(_blocks(storage, run_id, stage), default=0) + 1
    while True:
        commit, ours = commit_block(storage, run_id, stage, block, tables, facts)
        if ours or commit.parts == tuple(part for part, _ in _encoded(run_id, stage, block, tables).values()):
            return commit  # another start may have taken us for dead, and recorded our rows
        block += 1


def _encoded(run_id: str, stage: str, block: int, tables: Tables) -> dict[str, tuple[Part, bytes]]:
    """Parts of a block and their bytes, by key."""
    written_by = check_stage(stage)
    encoded: dict[str, tuple[Part, bytes]] = {}
    last = written_by == "finish"
    for name, given in tables.items():
        several: list[pa.Table] = [given] if isinstance(given, pa.Table) else list(given)
        if name not in TABLES or (TABLES[name].stage != written_by and not (last and _no_rows(several))):
            raise InternalError(f"stage {stage} does not write a table {name!r}")
        for table in several:
            if table.num_rows or last:
                part, data = _encode(table, name, run_id, stage, block)
                encoded[part.key] = (part, data)
    return encoded


def _encode(table: pa.Table, name: str, run_id: str, stage: str, block: int) -> tuple[Part, bytes]:
    data = part_bytes(table, TABLES[name])
    sha256 = hashlib.sha256(data).hexdigest()
    key = part_key(name, run_id, stage, block, sha256)
    return Part(name, key, sha256, table.num_rows, len(data), piece_digests(data)), data


def _no_rows(tables: Iterable[pa.Table]) -> bool:
    return not any(table.num_rows for table in tables)


def _lost_race(storage: Storage, run_id: str, ours: Commit) -> Commit:
    """Record of the writer that was first; our parts that it does not name are removed."""
    theirs = read_commit(storage, run_id, ours.stage, ours.block)
    if theirs is None:
        raise StorageError(f"the record of {ours.stage} block {ours.block} vanished; try again")
    kept = {part.key for part in theirs.parts}
    for part in ours.parts:
        if part.key not in kept:
            storage.delete(part.key)
    return theirs


def _blocks(storage: Storage, run_id: str, stage: str) -> list[int]:
    files = storage.list(commits_prefix(run_id, stage))
    return sorted(block for file in files if (block := block_of_commit(file.key)) is not None)
