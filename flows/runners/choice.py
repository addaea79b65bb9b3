"""Runners by their names in the spec."""

import os
from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager

from flows.console.signals import StopSignals
from flows.runners.cluster import Cluster
from flows.runners.inline import InlineRunner
from flows.runners.seam import RetryPolicy, Runner
from ilime_core.errors import InputError
from tasks.spec import RunnerParameters

__all__ = ["make_runner", "opened_cluster"]


def make_runner(
    parameters: RunnerParameters,
    stop: StopSignals,
    retry: RetryPolicy | None = None,
    cluster: Cluster | None = None,
) -> Runner:
    """Build a runner.

    Parameters
    ----------
    parameters
        Section ``runner``.
    stop
        Request to stop.
    retry
        Policy of retries; None takes the default.
    cluster
        Opened cluster of ``dask`` or ``ray``.

    Returns
    -------
    Runner
        The runner, not yet started.

    Raises
    ------
    InputError
        If the runner needs a cluster and there is none.
    """
    retry = retry or RetryPolicy()
    if parameters.name == "inline":
        return InlineRunner(stop, retry)
    from flows.runners.pool import PoolRunner, ThreadPool  # noqa: PLC0415 - Prefect, which inline never needs

    if parameters.name == "threads":
        pool = ThreadPool(parameters.workers)
    elif cluster is None:
        raise InputError(f"runner {parameters.name} needs a cluster, and none was opened")
    else:
        pool = cluster.pool()
    return PoolRunner(pool, parameters.workers, parameters.blocks_per_task, stop, retry)


@contextmanager
def opened_cluster(parameters: RunnerParameters) -> Generator[Cluster | None]:
    """Start, or connect to, the workers of a runner; None for a runner that works in this process.

    Workers that were started here end with the block, and die with this process however that ends.

    Raises
    ------
    InputError
        If no PREFECT_API_URL is set, what the runner needs is not installed, or its address does not answer.
    """
    if parameters.name not in {"dask", "ray"}:
        yield None
        return
    if not os.environ.get("PREFECT_API_URL"):
        raise InputError(
            f"runner {parameters.name} works in several processes, which need one Prefect server: run "
            "`prefect server start`, then `export PREFECT_API_URL=http://127.0.0.1:4200/api`; or take runner "
            "threads"
        )
    with _of(parameters) as cluster:
        yield cluster


def _of(parameters: RunnerParameters) -> AbstractContextManager[Cluster]:
    try:
        if parameters.name == "dask":
            from flows.runners.dask_cluster import dask_cluster  # noqa: PLC0415 - an extra

            return dask_cluster(parameters)
        from flows.runners.ray_cluster import ray_cluster  # noqa: PLC0415 - an extra

        return ray_cluster(parameters)
    except ImportError as error:
        raise InputError(
            f"runner {parameters.name} is not installed ({error}): pip install 'ilime[{parameters.name}]'"
        ) from error
