"""Blocks as task runs of a Prefect flow, in whatever pool of threads or processes."""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from queue import SimpleQueue
from typing import Any, Protocol

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.results import ResultRecord  # pyright: ignore[reportPrivateImportUsage]
from prefect.states import Failed
from prefect.task_runners import TaskRunner, ThreadPoolTaskRunner

from flows.console.signals import StopSignals
from flows.engine.api import api_is_local
from flows.runners.block_group import BlockGroup, GroupOutcome
from flows.runners.schedule import Schedule
from flows.runners.seam import BlockFailure, RetryPolicy, StageWork, unheard
from flows.runners.storage_faults import StorageFaults
from flows.runners.task_log import log_blocks
from tasks.stages.block_report import BlockReport

__all__ = [
    "Future",
    "PoolRunner",
    "Returned",
    "TaskPool",
    "ThreadPool",
    "another_attempt_may_help",
    "run_group",
]

Returned = State[GroupOutcome] | GroupOutcome
"""Result of a task run: a failed state contains its outcome too."""

Future = PrefectFuture[Returned]


class TaskPool(Protocol):
    """Workers of task runs."""

    @property
    def n_encoders(self) -> int | None:
        """Processes that may encode; None where all work is done in this one."""
        ...

    def opened(self) -> AbstractContextManager[TaskRunner[Any]]:
        """Prefect's task runner, started; leaving waits for what is at work."""
        ...

    def placed(self, *, encodes: bool) -> AbstractContextManager[object]:
        """Submit from within it what goes to workers with, or without, a device."""
        ...


class ThreadPool:
    """Prefect's threads in this process."""

    n_encoders: int | None = None

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def opened(self) -> ThreadPoolTaskRunner[Any]:
        """See `TaskPool`."""
        return ThreadPoolTaskRunner(max_workers=self._workers)

    def placed(self, *, encodes: bool) -> nullcontext[None]:  # noqa: ARG002 - all threads share one device
        """See `TaskPool`."""
        return nullcontext()


class PoolRunner:
    """At most ``workers`` task runs at work and none queued: no stage waits behind an earlier one.

    Parameters
    ----------
    pool
        Threads of this process, or a cluster.
    workers
        Task runs at work at once.
    blocks_per_task
        Blocks of a stage that share a task run; it changes the history of the flow and no result.
    stop
        Asked before each block.
    retry
        For storage errors; anything else fails the block at once.
    """

    def __init__(
        self,
        pool: TaskPool,
        workers: int,
        blocks_per_task: int = 1,
        stop: StopSignals | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._pool = pool
        self._workers = workers
        self._blocks_per_task = blocks_per_task
        self._stop = stop or StopSignals()
        self._retry = retry or RetryPolicy()
        self.retries = 0
        self.on_fault = unheard
        self._faults = StorageFaults(self._stop)
        self.task_runs = 0

    @property
    def in_process(self) -> bool:
        """See `flows.runners.seam.Runner`."""
        return self._pool.n_encoders is None

    def run_pipeline(
        self,
        works: Sequence[StageWork],
        root: str,
        run_id: str,
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run stages side by side.

        Parameters
        ----------
        works, root, run_id, on_done
            See `flows.runners.seam.Runner`.

        Returns
        -------
        list[BlockFailure]
            Failures, those of blocks that were not started last.
        """
        schedule = Schedule(works, self._blocks_per_task, self._pool.n_encoders)
        failures: list[BlockFailure] = []
        finished: SimpleQueue[tuple[BlockGroup, Future]] = SimpleQueue()
        at_work = 0
        with self._stop.rearmed(), self._pool.opened() as opened:
            try:
                while True:
                    while at_work < self._workers and not self._stop.requested and (taken := schedule.take()):
                        work, blocks = taken
                        group = BlockGroup(
                            work, root, run_id, blocks, stop=self._stopped, on_fault=self.on_fault
                        )
                        with self._pool.placed(encodes=work.encodes):
                            self._submit(opened, group, finished)
                        at_work += 1
                    if at_work == 0:
                        break
                    group, future = finished.get()
                    at_work -= 1
                    schedule.done(group.stage)
                    outcome = self._settle(group, future)
                    self._faults.take(outcome)
                    for report in outcome.reports:
                        on_done(report)
                    failures.extend(outcome.failures)
            except BaseException:
                # Leaving the pool waits for its threads: let them end after the block at hand.
                self._stop.request()
                raise
        return failures if self._stop.requested else failures + schedule.not_started()

    def _stopped(self) -> bool:
        return self._stop.requested

    def _submit(
        self, opened: TaskRunner[Any], group: BlockGroup, finished: SimpleQueue[tuple[BlockGroup, Future]]
    ) -> None:
        task = Task(
            fn=run_group,
            name=group.stage,
            task_run_name=group.name,
            cache_policy=NO_CACHE,
            persist_result=False,
            retries=self._retry.retries,
            retry_delay_seconds=self._retry.delays_s,
            retry_jitter_factor=self._retry.jitter,
            retry_condition_fn=another_attempt_may_help,
        )
        future = opened.submit(task, {"group": group})
        self.task_runs += 1
        future.add_done_callback(lambda done: finished.put((group, done)))

    def _settle(self, group: BlockGroup, future: Future) -> GroupOutcome:
        future.wait()  # before it the state may still read Pending
        outcome = _outcome(future.state)
        if outcome is None:
            return group.lost(_reason(future))
        self.retries += outcome.attempts - 1
        return outcome


def run_group(group: BlockGroup) -> Returned:
    """Task body. A failure is a returned state: Prefect prints a traceback for each one that is raised."""
    outcome = group.attempt()
    log_blocks(group.root, group.run_id, outcome)
    if not outcome.failures:
        return outcome
    said = "; ".join(
        f"block {one.block}: {one.message if api_is_local() else one.public}" for one in outcome.failures
    )
    return Failed(message=said, data=outcome)


def another_attempt_may_help(task: object, run: TaskRun, state: State[object]) -> bool:  # noqa: ARG001 - Prefect's signature
    """Return whether some block failed of storage, so that Prefect retries the task run.

    Parameters
    ----------
    task, run
        Not used: the signature is Prefect's.
    state
        State of the task run; its data is the outcome of a group.

    Returns
    -------
    bool
        True only if a group reports it.
    """
    return isinstance(state.data, GroupOutcome) and state.data.may_help


def _outcome(state: State[GroupOutcome]) -> GroupOutcome | None:
    """None where the task run has not come to its end."""
    data = state.data.result if isinstance(state.data, ResultRecord) else state.data
    return data if isinstance(data, GroupOutcome) else None


def _reason(future: Future) -> str:
    """What the cluster says; what Prefect knows of a lost task run is only that it was running."""
    wrapped = getattr(future, "wrapped_future", None)
    ask = getattr(wrapped, "exception", None)
    error = ask() if callable(ask) else None
    return f"{type(error).__name__}: {error}" if error else str(future.state.message or future.state.name)
