"""Runners by their names in the spec."""

from flows.runner_inline import InlineRunner
from flows.runners import RetryPolicy, Runner
from flows.signals import StopSignals
from ilime_core.errors import InputError

__all__ = ["RUNNERS", "make_runner"]

RUNNERS = {
    "inline": "in order in the calling thread, without a server; workers and blocks_per_task have no meaning",
    "threads": "in threads of this process, as task runs of a Prefect flow",
}


def make_runner(
    name: str,
    workers: int,
    blocks_per_task: int,
    stop: StopSignals,
    retry: RetryPolicy | None = None,
) -> Runner:
    """Build a runner.

    Raises
    ------
    InputError
        If there is no such runner, or ``workers`` or ``blocks_per_task`` is below one.
    """
    retry = retry or RetryPolicy()
    if name not in RUNNERS:
        raise InputError(f"no runner is called {name!r}. Known: {', '.join(RUNNERS)}.")
    if workers < 1 or blocks_per_task < 1:
        raise InputError(
            f"workers and blocks_per_task must be at least 1. Got {workers} and {blocks_per_task} instead."
        )
    if name == "inline":
        return InlineRunner(stop, retry)
    from flows.runner_threads import ThreadsRunner  # noqa: PLC0415 - imports Prefect, which inline never needs

    return ThreadsRunner(workers, blocks_per_task, stop, retry)
