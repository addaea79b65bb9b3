"""Blocks of one stage that run as one task, here or in another process."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flows.runners.seam import BlockFailure, Fault, StageBody, StageWork, unheard
from ilime_core.errors import IlimeError, InputError, InternalError
from tasks.run_files.damage import DamageError
from tasks.stages.block_report import BlockReport
from tasks.storage.access import WithAccess
from tasks.storage.storage import AccessError, StorageError, UnwritableError

__all__ = ["BlockGroup", "GroupOutcome", "fault_of"]


@dataclass(frozen=True, slots=True)
class GroupOutcome:
    """Reports and failures of a group of blocks; a block in neither was not started."""

    reports: tuple[BlockReport, ...] = ()
    failures: tuple[BlockFailure, ...] = ()
    attempts: int = 0
    may_help: bool = False
    """Whether another attempt may help: some blocks failed of storage and of nothing else."""


def _never() -> bool:
    return False


class BlockGroup:
    """Blocks with their outcomes, kept over attempts so that a retry only does what is left.

    It can be pickled before its first attempt, and takes along how stores are reached. The request to stop
    and who hears of faults stay behind: they are of this process.

    Neither a dataclass nor a mapping on purpose: Prefect copies those when they are parameters of a task.
    """

    def __init__(
        self,
        work: StageWork,
        root: str,
        run_id: str,
        blocks: Sequence[int],
        *,
        stop: Callable[[], bool] = _never,
        on_fault: Callable[[BlockFailure], None] = unheard,
    ) -> None:
        self.stage = work.stage
        self.blocks = tuple(blocks)
        self._body: StageBody = WithAccess(work.body)
        self.root = root
        self.run_id = run_id
        self._stop = stop
        self._on_fault = on_fault
        self._attempts = 0
        self._reports: dict[int, BlockReport] = {}
        self._failures: dict[int, BlockFailure] = {}
        self._storage_errors: dict[int, BlockFailure] = {}

    def __getstate__(self) -> dict[str, object]:
        return {**self.__dict__, "_stop": _never, "_on_fault": unheard}

    @property
    def name(self) -> str:
        """``stage-first`` or ``stage-first-last``."""
        ends = dict.fromkeys((self.blocks[0], self.blocks[-1]))
        return "-".join([self.stage, *(f"{block:05d}" for block in ends)])

    def attempt(self) -> GroupOutcome:
        """Run the blocks that are left."""
        self._attempts += 1
        stopped = False
        for block in self.blocks:
            if block in self._reports or block in self._failures:
                continue
            if stopped := self._stop() or self._takes_nothing:
                break
            self._run(block)
        return GroupOutcome(
            tuple(self._reports.values()),
            tuple((self._failures | self._storage_errors).values()),
            self._attempts,
            may_help=bool(self._storage_errors) and not stopped,
        )

    def lost(self, reason: str) -> GroupOutcome:
        """Give the outcome where the engine lost the task and brought none."""
        public = "the engine lost the task run"
        message = f"{public}: {reason}"
        return GroupOutcome(
            failures=tuple(BlockFailure(self.stage, block, message, public) for block in self.blocks)
        )

    @property
    def _takes_nothing(self) -> bool:
        """Whether a block has found that nothing can be written: the others would compute in vain."""
        return any(failure.fault is Fault.UNWRITABLE for failure in self._failures.values())

    def _run(self, block: int) -> None:
        known = self._storage_errors.pop(block, None)
        try:
            self._reports[block] = self._body(self.root, self.run_id, block)
        except Exception as error:  # noqa: BLE001 - whatever a block dies of, the others go on
            failure = BlockFailure.of(self.stage, block, error, fault_of(error))
            if failure.fault not in _TRIED_AGAIN:
                self._failures[block] = failure
                return
            self._storage_errors[block] = failure
            if known is None:
                self._on_fault(failure)


_TRIED_AGAIN = frozenset({Fault.STORAGE, Fault.NO_ACCESS})

_FAULTS: tuple[tuple[type[Exception], Fault], ...] = (
    (UnwritableError, Fault.UNWRITABLE),
    (DamageError, Fault.DAMAGE),  # a StorageError, but another attempt would read the same
    (AccessError, Fault.NO_ACCESS),  # an InputError too, but credentials get renewed
    (StorageError, Fault.STORAGE),
    (InputError, Fault.INPUT),
    (InternalError, Fault.BUG),
    (IlimeError, Fault.OTHER),
    (OSError, Fault.OTHER),
    (MemoryError, Fault.OTHER),
    (ImportError, Fault.OTHER),
)
"""Faults by exception; the first class that fits counts, and what none fits is a bug."""


def fault_of(error: Exception) -> Fault:
    """Cause of a block's failure by its exception."""
    if type(error).__name__ == "OutOfMemoryError":  # torch's, a RuntimeError; without importing torch
        return Fault.OTHER
    return next((fault for kind, fault in _FAULTS if isinstance(error, kind)), Fault.BUG)
