"""Task runs in threads of this process."""

from contextlib import nullcontext
from typing import Any

from prefect.task_runners import ThreadPoolTaskRunner

from flows.console.signals import StopSignals
from flows.runners.pool import PoolRunner
from flows.runners.seam import RetryPolicy

__all__ = ["ThreadPool", "ThreadsRunner"]


class ThreadPool:
    """Prefect's threads."""

    lanes: int | None = None

    def __init__(self, workers: int) -> None:
        self._workers = workers

    def opened(self) -> ThreadPoolTaskRunner[Any]:
        """See `flows.runners.pool.TaskPool`."""
        return ThreadPoolTaskRunner(max_workers=self._workers)

    def placed(self, *, encodes: bool) -> nullcontext[None]:  # noqa: ARG002 - all threads share one device
        """See `flows.runners.pool.TaskPool`."""
        return nullcontext()


class ThreadsRunner(PoolRunner):
    """`flows.runners.pool.PoolRunner` with threads."""

    def __init__(
        self,
        workers: int,
        blocks_per_task: int = 1,
        stop: StopSignals | None = None,
        retry: RetryPolicy | None = None,
    ) -> None:
        super().__init__(ThreadPool(workers), workers, blocks_per_task, stop, retry)
