"""Tally of a start of a run, from the reports of its blocks."""

from dataclasses import dataclass, field
from threading import Lock

from tasks.stages.block_report import BlockReport
from tasks.tables.counts import Counts

__all__ = ["StartTally"]


@dataclass(slots=True)
class StartTally:
    """Blocks, and what they cost; that of found blocks belongs to an earlier start."""

    computed: int = 0
    found_committed: int = 0
    counts: Counts = field(default_factory=Counts)
    committed: set[tuple[str, int]] = field(default_factory=set)
    """Stage and block of all that is committed."""
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, report: BlockReport) -> None:
        """Take in a committed block."""
        with self._lock:
            self.committed.add((report.stage, report.block))
            if report.found_committed:
                self.found_committed += 1
                return
            self.computed += 1
            self.counts += report.counts
