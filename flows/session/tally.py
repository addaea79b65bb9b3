"""What a start of a run has done so far, from the reports of its blocks."""

from dataclasses import dataclass, field
from threading import Lock

from tasks.stages.block_report import BlockReport

__all__ = ["StageTally", "Tally"]


@dataclass(slots=True)
class StageTally:
    """Sums over the blocks of one stage; encodes and seconds of adopted blocks belong to an earlier start."""

    blocks: int = 0
    adopted: int = 0
    image_encodes: int = 0
    text_encodes: int = 0
    scores: int = 0
    reused: int = 0
    failed: int = 0
    seconds: float = 0.0
    encoder_seconds: float = 0.0


@dataclass(slots=True)
class Tally:
    """Sums by stage, and which blocks are committed."""

    stages: dict[str, StageTally] = field(default_factory=dict)
    committed: set[tuple[str, int]] = field(default_factory=set)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def add(self, report: BlockReport) -> None:
        """Take in a committed block."""
        with self._lock:
            stage = self.stages.setdefault(report.stage, StageTally())
            stage.blocks += 1
            stage.failed += report.failed
            self.committed.add((report.stage, report.block))
            if report.adopted:
                stage.adopted += 1
                return
            stage.image_encodes += report.image_encodes
            stage.text_encodes += report.text_encodes
            stage.scores += report.scores
            stage.reused += report.reused
            stage.seconds += report.seconds
            stage.encoder_seconds += report.encoder_seconds

    def total(self, name: str) -> int:
        """Sum of a count over the stages."""
        return sum(int(getattr(stage, name)) for stage in self.stages.values())
