"""Report of a committed block: all that the engine reads of it."""

from dataclasses import dataclass, field

from tasks.tables.counts import Counts

__all__ = ["BlockReport"]


@dataclass(frozen=True, slots=True)
class BlockReport:
    """Rows and counts of a committed block; ``found_committed`` if another call had committed it before."""

    stage: str
    block: int
    rows: int
    counts: Counts = field(default_factory=Counts)
    found_committed: bool = False
    digest: str = ""
