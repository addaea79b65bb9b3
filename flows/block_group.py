"""Blocks of one stage that run as one task."""

import traceback
from collections.abc import Callable, Sequence

from flows.runners import BlockFailure, StageBody, StageWork
from tasks.reports import BlockReport
from tasks.storage import StorageError

__all__ = ["BlockGroup"]


class BlockGroup:
    """Blocks with their outcomes, kept over attempts so that a retry only does what is left.

    Neither a dataclass nor a mapping on purpose: Prefect copies those when they are parameters of a task.
    """

    def __init__(
        self, work: StageWork, root: str, run_id: str, blocks: Sequence[int], stop: Callable[[], bool]
    ) -> None:
        self.stage = work.stage
        self.blocks = tuple(blocks)
        self.attempts = 0
        self.reports: dict[int, BlockReport] = {}
        self.failures: dict[int, BlockFailure] = {}
        self._body: StageBody = work.body
        self._root = root
        self._run_id = run_id
        self._stop = stop
        self._storage_errors: dict[int, StorageError] = {}

    @property
    def name(self) -> str:
        """``stage-first`` or ``stage-first-last``."""
        ends = dict.fromkeys((self.blocks[0], self.blocks[-1]))
        return "-".join([self.stage, *(f"{block:05d}" for block in ends)])

    def attempt(self) -> StorageError | None:
        """Run the blocks that are left; give back a storage error if another attempt may help."""
        self.attempts += 1
        for block in self.blocks:
            if block in self.reports or block in self.failures:
                continue
            if self._stop():
                self.give_up()
                return None
            self._run(block)
        return next(iter(self._storage_errors.values()), None)

    def _run(self, block: int) -> None:
        self._storage_errors.pop(block, None)
        try:
            self.reports[block] = self._body(self._root, self._run_id, block)
        except StorageError as error:
            self._storage_errors[block] = error
        except Exception as error:  # noqa: BLE001 - whatever a block dies of, the others go on
            self.failures[block] = self._failure(block, error)

    def give_up(self) -> None:
        """Turn storage errors of the last attempt into failures."""
        for block, error in self._storage_errors.items():
            self.failures[block] = self._failure(block, error)

    def crashed(self, message: str) -> None:
        """Mark every block without an outcome as failed: the engine itself lost the task."""
        for block in self.blocks:
            if block not in self.reports and block not in self.failures:
                self.failures[block] = BlockFailure(self.stage, block, message)

    def _failure(self, block: int, error: Exception) -> BlockFailure:
        message = f"{type(error).__name__}: {error}"
        return BlockFailure(self.stage, block, message, "".join(traceback.format_exception(error)))
