"""Report of a committed block: all that the engine reads of it."""

from dataclasses import dataclass, field

from tasks.tables.counts import Counts

__all__ = ["BlockReport"]


@dataclass(frozen=True, slots=True)
class BlockReport:
    """One committed block; of an adopted one (found committed) the counts are what its record says."""

    stage: str
    block: int
    rows: int
    counts: Counts = field(default_factory=Counts)
    adopted: bool = False
    digest: str = ""
