"""Table ``executions``: one row for every start of a run, however it ended."""

import hashlib
import secrets
import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO

import pyarrow as pa

from ilime_core.errors import InternalError
from tasks.run_files.commits import BlockFacts, append_block, commit_block
from tasks.run_files.committed import committed
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import parse_part, table_prefix
from tasks.run_files.parts import read_part
from tasks.run_files.plan import OpenRun
from tasks.storage.storage import Storage, StorageError, UnwritableError
from tasks.tables import TABLES
from tasks.tables.counts import Counts

__all__ = ["ExecutionRow", "append_execution", "record_left_rows"]

FREE = BlockFacts()
"""An execution's row costs nothing and reads nothing."""


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """Work and outcome of one start; columns of ``executions``."""

    kind: str
    started: datetime
    status: str
    runner: str
    counts: Counts
    blocks_done: int
    blocks_adopted: int
    retries: int
    flow_run: str | None


def append_execution(run: OpenRun, row: ExecutionRow) -> None:
    """Append the row of a start that ends now; rows left by earlier starts get their records.

    Parameters
    ----------
    run
        Run that was started.
    row
        Outcome and counts of the start.

    Raises
    ------
    StorageError
        If the row cannot be written; if the place refuses all writes, nothing of the row remains.
    """
    known = (
        asdict(row)
        | row.counts.as_row()
        | {
            "execution": f"{row.started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
            "finished": datetime.now(UTC),
            "host": socket.gethostname(),
            "device": run.plan.model.device,
        }
    )
    record_left_rows(run.storage, run.run_id)
    table = pa.Table.from_pylist([known], schema=TABLES["executions"].schema)
    try:
        append_block(run.storage, run.run_id, "finish", {"executions": table}, FREE)
    except UnwritableError:
        with suppress(StorageError):
            _remove(run, table["execution"][0].as_py())
        raise


def record_left_rows(storage: Storage, run_id: str) -> None:
    """Commit rows of ``executions`` whose starts were killed between the row and its record.

    A start that is only slow finds its row committed. A row that cannot be read, or lost its number to
    another row, is removed.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    """
    for key, block in _unrecorded(storage, run_id):
        kept: set[str] = set()
        if block not in committed(storage, run_id, "finish"):
            with suppress(pa.ArrowException, OSError, InternalError, DamageError):
                table = read_part(BytesIO(_unharmed(storage, key)), TABLES["executions"])
                commit, _ = commit_block(storage, run_id, "finish", block, {"executions": table}, FREE)
                kept = {part.key for part in commit.parts}
        if key not in kept:
            storage.delete(key)


def _unharmed(storage: Storage, key: str) -> bytes:
    """Read a part that no record names, checked against the digest in its name."""
    data, name = storage.read_bytes(key), parse_part(key)
    if name is None or not hashlib.sha256(data).hexdigest().startswith(name.digest):
        raise DamageError.of(storage.url, key, "it is not the part that its name is of")
    return data


def _remove(run: OpenRun, execution: str) -> None:
    """Remove the row of a start that has no record."""
    for key, _ in _unrecorded(run.storage, run.run_id):
        row = read_part(BytesIO(run.storage.read_bytes(key)), TABLES["executions"], ["execution"])
        if row["execution"].to_pylist() == [execution]:
            run.storage.delete(key)


def _unrecorded(storage: Storage, run_id: str) -> Iterator[tuple[str, int]]:
    """Keys and blocks of the rows that no record names; block 0 is the stage's own."""
    commits = committed(storage, run_id, "finish")
    named = {part.key for commit in commits.values() for part in commit.parts}
    for file in storage.list(table_prefix("executions", run_id)):
        name = parse_part(file.key)
        if name is not None and name.stage == "finish" and name.block > 0 and file.key not in named:
            yield file.key, name.block
