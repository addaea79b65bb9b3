"""Blocks as task runs of a Prefect flow, in threads of this process."""

from collections.abc import Callable, Iterable, Sequence
from queue import SimpleQueue

from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State, TaskRun
from prefect.futures import PrefectFuture
from prefect.states import Failed
from prefect.task_runners import ThreadPoolTaskRunner

from flows.artifacts import api_is_local
from flows.block_group import BlockGroup
from flows.runners import BlockFailure, RetryPolicy, StageBody, StageWork
from flows.schedule import Schedule
from flows.signals import StopSignals
from tasks.reports import BlockReport
from tasks.storage import StorageError

__all__ = ["ThreadsRunner"]

Outcome = State[None] | None
Finished = tuple[BlockGroup, PrefectFuture[Outcome]]


class ThreadsRunner:
    """At most ``workers`` task runs at work and none queued: no stage waits behind an earlier one.

    Parameters
    ----------
    workers
        Threads.
    blocks_per_task
        Blocks of a stage that share a task run; it changes the history of the flow and no result.
    stop
        Asked before each block.
    retry
        For storage errors; anything else fails the block at once.
    """

    def __init__(
        self,
        workers: int,
        blocks_per_task: int = 1,
        stop: StopSignals | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        self._workers = workers
        self._blocks_per_task = blocks_per_task
        self._stop = stop or StopSignals()
        self._retry = retry or RetryPolicy()
        self.retries = 0
        self.task_runs = 0
        """Task runs submitted: what the history of the flow should show in the end."""

    def map(  # noqa: PLR0917 - the seam's signature
        self,
        stage: str,
        body: StageBody,
        root: str,
        run_id: str,
        blocks: Iterable[int],
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run one stage; see `flows.runners.Runner`."""
        return self.run_pipeline([StageWork(stage, body, tuple(blocks))], root, run_id, on_done)

    def run_pipeline(
        self,
        works: Sequence[StageWork],
        root: str,
        run_id: str,
        on_done: Callable[[BlockReport], None],
    ) -> list[BlockFailure]:
        """Run stages side by side; see `flows.runners.Runner`."""
        schedule = Schedule(works, self._blocks_per_task)
        failures: list[BlockFailure] = []
        finished: SimpleQueue[Finished] = SimpleQueue()
        at_work = 0
        with self._stop.rearmed(), ThreadPoolTaskRunner(max_workers=self._workers) as pool:
            try:
                while True:
                    while at_work < self._workers and not self._stop.requested and (taken := schedule.take()):
                        work, blocks = taken
                        group = BlockGroup(work, root, run_id, blocks, stop=lambda: self._stop.requested)
                        self._submit(pool, group, finished)
                        at_work += 1
                    if at_work == 0:
                        break
                    group, future = finished.get()
                    at_work -= 1
                    schedule.done(group.stage)
                    self._settle(group, future)
                    for report in group.reports.values():
                        on_done(report)
                    failures.extend(group.failures.values())
            except BaseException:
                # Leaving the pool waits for its threads: let them end after the block at hand.
                self._stop.request()
                raise
        return failures if self._stop.requested else failures + schedule.stranded()

    def _submit(
        self, pool: ThreadPoolTaskRunner[Outcome], group: BlockGroup, finished: SimpleQueue[Finished]
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
            retry_condition_fn=is_storage_error,
        )
        future = pool.submit(task, {"group": group})
        self.task_runs += 1
        future.add_done_callback(lambda done: finished.put((group, done)))

    def _settle(self, group: BlockGroup, future: PrefectFuture[Outcome]) -> None:
        future.wait()  # before it the state may still read Pending
        self.retries += max(group.attempts - 1, 0)
        group.give_up()
        if future.state.is_crashed() or group.attempts == 0:
            group.crashed(f"the engine lost the task run: {future.state.message}")


def run_group(group: BlockGroup) -> Outcome:
    """Task body. A failure is a returned state: Prefect prints a traceback for each one that is raised."""
    error = group.attempt()
    if error is not None:
        return Failed(message=_for_api(f"{type(error).__name__}: {error}"), data=error)
    if group.failures:
        return Failed(
            message="; ".join(f"block {b}: {_for_api(f.message)}" for b, f in group.failures.items())
        )
    return None


def _for_api(message: str) -> str:
    """Keep what follows the kind of error on this machine: it may name uris and captions."""
    return message if api_is_local() else message.partition(":")[0]


def is_storage_error(task: object, run: TaskRun, state: State[object]) -> bool:  # noqa: ARG001 - Prefect's signature
    """Tell whether another attempt may help."""
    return isinstance(state.data, StorageError)
