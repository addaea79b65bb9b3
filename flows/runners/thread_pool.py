"""Task runs in threads of this process."""

from contextlib import nullcontext
from typing import Any

from prefect.task_runners import ThreadPoolTaskRunner

__all__ = ["ThreadPool"]


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
