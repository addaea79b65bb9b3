"""One row for every start of a run, whatever became of it."""

import secrets
import socket
from dataclasses import asdict, dataclass
from datetime import UTC, datetime

import pyarrow as pa

from tasks.commits import BlockFacts, append_block
from tasks.plan import OpenRun
from tasks.tables import TABLES

__all__ = ["ExecutionRow", "append_execution"]

FREE = BlockFacts(0, 0, 0, 0, 0.0, 0.0, (), ())
"""An execution's row costs nothing and reads nothing."""


@dataclass(frozen=True, slots=True)
class ExecutionRow:
    """What one start did; columns of ``executions``."""

    kind: str
    started: datetime
    status: str
    runner: str
    image_encodes: int
    text_encodes: int
    scores: int
    blocks_done: int
    blocks_adopted: int
    retries: int
    flow_run: str | None


def append_execution(run: OpenRun, row: ExecutionRow) -> None:
    """Append the row of a start that ends now."""
    known = asdict(row) | {
        "execution": f"{row.started:%Y%m%dT%H%M%S}-{secrets.token_hex(4)}",
        "finished": datetime.now(UTC),
        "host": socket.gethostname(),
        "device": run.plan.model.device,
    }
    table = pa.Table.from_pylist([known], schema=TABLES["executions"].schema)
    append_block(run.storage, run.run_id, "finish", {"executions": table}, FREE)
