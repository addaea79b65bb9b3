"""Runners of the blocks of stages: the seam, the work they are given and what they return."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from tasks.stages.block_report import BlockReport

__all__ = ["BlockFailure", "Fault", "RetryPolicy", "Runner", "StageBody", "StageWork", "unheard"]


class StageBody(Protocol):
    """A module-level function of ``tasks`` that does one block and commits it."""

    def __call__(self, root: str, run_id: str, block: int) -> BlockReport: ...


def _always(block: int) -> bool:  # noqa: ARG001 - the signature of StageWork.ready
    return True


@dataclass(frozen=True, slots=True, eq=False)
class StageWork:
    """Blocks of one stage.

    ``ready`` says whether all that a block reads is committed. It is asked often, in the thread that called
    the runner and after ``on_done``: keep it to a look-up in memory. ``limit`` is how many task runs of the
    stage may be at work at once (1 for a stage that holds a scoring lane all the time); None leaves that to
    the runner's workers. ``encodes`` marks a stage that needs the model: a cluster sends it to workers that
    have a device, and there ``limit`` is meant for each of them.
    """

    stage: str
    body: StageBody
    blocks: tuple[int, ...]
    ready: Callable[[int], bool] = _always
    limit: int | None = None
    encodes: bool = False


class Fault(StrEnum):
    """What a block has died of, as far as it matters to the others."""

    OTHER = "other"
    """Something of its own."""
    STORAGE = "storage"
    """A store that did not answer, or not as it should; all retries are spent."""
    NO_ACCESS = "no_access"
    """The same of a store that cannot be reached at all, or refuses us."""
    UNWRITABLE = "unwritable"
    """A disk that is full or read-only: no block can be committed."""


@dataclass(frozen=True, slots=True)
class BlockFailure:
    """A block that is not committed; ``details`` is a traceback, empty where there was no exception."""

    stage: str
    block: int
    message: str
    details: str = ""
    fault: Fault = Fault.OTHER

    @classmethod
    def stranded(cls, stage: str, block: int) -> "BlockFailure":
        """A block that waits for something that will not come."""
        return cls(stage, block, "not started: a block that it reads was not committed")


def unheard(failure: BlockFailure) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How often a block is tried again after a StorageError.

    Waits double from ``first_delay_s`` and are moved at random by a share of up to ``jitter``.
    """

    retries: int = 3
    first_delay_s: float = 2.0
    jitter: float = 0.5

    @property
    def delays_s(self) -> list[float]:
        """Mean wait before each retry."""
        return [self.first_delay_s * 2**attempt for attempt in range(self.retries)]


class Runner(Protocol):
    """Runs blocks. The same bodies give the same tables under every runner.

    ``on_fault`` hears of a block's first storage error, before the block is tried again, from whichever
    thread the block runs in; from another process it is not heard.
    """

    on_fault: Callable[[BlockFailure], None]

    @property
    def retries(self) -> int:
        """Attempts beyond the first, summed over all that this runner has run."""
        ...

    @property
    def task_runs(self) -> int:
        """Task runs submitted: what the history of the flow should show in the end."""
        ...

    @property
    def in_process(self) -> bool:
        """Whether blocks run in this process, where `tasks.stages.progress` hears of every encode."""
        ...

    def map(  # noqa: PLR0917 - what a stage is, where it writes, what hears of it
        self,
        stage: str,
        body: StageBody,
        root: str,
        run_id: str,
        blocks: Iterable[int],
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run one stage: ``run_pipeline`` with a single work."""
        ...

    def run_pipeline(
        self,
        works: Sequence[StageWork],
        root: str,
        run_id: str,
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run stages, upstream first, each block as soon as it is ready, and wait for all.

        ``on_done`` is called in the calling thread, once for each block that is committed. A block that fails
        does not hold up others; one that waits for it in vain is a failure too. Where storage takes nothing
        more, or does not come back, the runner asks for the stop. After a requested stop no block is started:
        those left are neither reported nor failures (``StopSignals.requested`` tells).
        """
        ...
