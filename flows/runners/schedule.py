"""Order of blocks: downstream stages first, so that few items are half done at a time."""

from collections.abc import Sequence

from flows.runners.seam import BlockFailure, StageWork

__all__ = ["Schedule"]


class Schedule:
    """Blocks that wait, and how many task runs of each stage are at work.

    Parameters
    ----------
    works
        Stages, upstream first.
    blocks_per_task
        Most blocks of a stage in one task run.
    n_encoders
        Workers that may encode, each a process of its own; None if all work is done in this process.
    """

    def __init__(
        self, works: Sequence[StageWork], blocks_per_task: int, n_encoders: int | None = None
    ) -> None:
        self._works = tuple(works)
        self._blocks_per_task = blocks_per_task
        self._limits = {work.stage: _limit(work, n_encoders) for work in works}
        self._waiting = {work.stage: list(work.blocks) for work in works}
        self._at_work = dict.fromkeys(self._waiting, 0)

    def take(self) -> tuple[StageWork, tuple[int, ...]] | None:
        """Give out the next blocks, in the order of their plan; None if nothing may start now."""
        for work in reversed(self._works):
            limit = self._limits[work.stage]
            if limit is not None and self._at_work[work.stage] >= limit:
                continue
            blocks = self._ready(work)
            if blocks:
                waiting = self._waiting[work.stage]
                self._waiting[work.stage] = [block for block in waiting if block not in blocks]
                self._at_work[work.stage] += 1
                return work, blocks
        return None

    def done(self, stage: str) -> None:
        """Say that one task run of a stage has ended."""
        self._at_work[stage] -= 1

    def not_started(self) -> list[BlockFailure]:
        """Name the blocks that wait for something that will not come."""
        return [
            BlockFailure.not_started(stage, block)
            for stage, blocks in self._waiting.items()
            for block in blocks
        ]

    def _ready(self, work: StageWork) -> tuple[int, ...]:
        found: list[int] = []
        for block in self._waiting[work.stage]:
            if len(found) == self._blocks_per_task:
                break
            if work.ready(block):
                found.append(block)
        return tuple(found)


def _limit(work: StageWork, n_encoders: int | None) -> int | None:
    """A process that does one task at a time cannot prepare the next block while its device is busy."""
    if n_encoders is None or not work.encodes:
        return work.limit
    return n_encoders * (work.limit or 1)
