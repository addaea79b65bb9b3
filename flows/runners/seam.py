"""Runners of the blocks of stages: their protocol, their work and their results."""

import traceback
from collections.abc import Callable, Sequence
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
    stage may be at work at once (1 for a stage that holds the device lock all the time); None leaves that to
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
    """Cause of a block's failure: it decides about retries, the other blocks and the exit status."""

    OTHER = "other"
    """This machine or the engine: memory, a package that is not installed, a block before it."""
    INPUT = "input"
    """The spec, the corpus or the model: starting again fails in the same way."""
    DAMAGE = "damage"
    """A damaged file of the run: the message names the command that repairs it."""
    BUG = "bug"
    """An unexpected exception, or an InternalError."""
    STORAGE = "storage"
    """A store that did not answer, or not as it should; all retries are spent."""
    NO_ACCESS = "no_access"
    """The same of a store that cannot be reached at all, or refuses us."""
    UNWRITABLE = "unwritable"
    """A disk that is full or read-only: no block can be committed."""


@dataclass(frozen=True, slots=True)
class BlockFailure:
    """A block that is not committed.

    Attributes
    ----------
    message
        For this machine: it may name uris and captions.
    public
        What of it may be sent to another machine.
    kind
        Class name of the exception; empty where there was none.
    traceback
        Of the exception; empty where there was none.
    """

    stage: str
    block: int
    message: str
    public: str
    kind: str = ""
    traceback: str = ""
    fault: Fault = Fault.OTHER

    @classmethod
    def of(cls, stage: str, block: int, error: Exception, fault: Fault) -> "BlockFailure":
        """The failure of a block that has raised an exception.

        Parameters
        ----------
        stage, block
            The block.
        error
            Exception that it raised.
        fault
            Class of the fault.

        Returns
        -------
        BlockFailure
            With message and traceback.
        """
        kind, text = type(error).__name__, "".join(traceback.format_exception(error))
        return cls(stage, block, f"{kind}: {error}", kind, kind, text, fault)

    @classmethod
    def not_started(cls, stage: str, block: int) -> "BlockFailure":
        """Failure of a block that was not started, because a block that it reads failed.

        Parameters
        ----------
        stage, block
            The block.

        Returns
        -------
        BlockFailure
            Without a traceback.
        """
        said = "not started: a block that it reads was not committed"
        return cls(stage, block, said, said)


def unheard(failure: BlockFailure) -> None:
    """Nobody listens."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Number of retries of a block after a StorageError, and their delays."""

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
        """True if blocks run in this process, where `tasks.stages.progress` reports every encode."""
        ...

    def run_pipeline(
        self,
        works: Sequence[StageWork],
        root: str,
        run_id: str,
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run stages, upstream first, each block as soon as it is ready, and wait for all.

        A failed block does not delay others; a block that reads it is a failure too. Where storage takes
        nothing more, or does not come back, the runner requests the stop. After a requested stop no block is
        started: those that remain are neither reported nor failures (``StopSignals.requested`` is true then).

        Parameters
        ----------
        works
            Stages with their blocks, upstream first.
        root
            Output of the run.
        run_id
            Id of the run.
        on_done
            Called in the calling thread, once for each block that is committed.

        Returns
        -------
        list[BlockFailure]
            Blocks that failed or were not started because of one that did.
        """
        ...
