"""Runners by their names in the spec."""

from flows.console.signals import StopSignals
from flows.runners.cluster import Cluster
from flows.runners.inline import InlineRunner
from flows.runners.seam import RetryPolicy, Runner
from ilime_core.errors import InputError
from tasks.spec import RunnerParameters

__all__ = ["RUNNERS", "make_runner"]

RUNNERS = {
    "inline": "in order in the calling thread, without a server; workers and blocks_per_task have no meaning",
    "threads": "in threads of this process, as task runs of a Prefect flow",
    "dask": "in processes of a Dask cluster, as task runs of a Prefect flow",
    "ray": "in processes of a Ray cluster, as task runs of a Prefect flow",
}


def make_runner(
    parameters: RunnerParameters,
    stop: StopSignals,
    retry: RetryPolicy | None = None,
    cluster: Cluster | None = None,
) -> Runner:
    """Build a runner.

    Raises
    ------
    InputError
        If the runner needs a cluster and there is none.
    """
    retry = retry or RetryPolicy()
    if parameters.name == "inline":
        return InlineRunner(stop, retry)
    if parameters.name == "threads":
        from flows.runners.threads import ThreadPool  # noqa: PLC0415 - Prefect, which inline never needs

        pool = ThreadPool(parameters.workers)
    elif cluster is None:
        raise InputError(f"runner {parameters.name} needs a cluster, and none was opened")
    else:
        pool = cluster.pool()
    from flows.runners.pool import PoolRunner  # noqa: PLC0415 - as above

    return PoolRunner(pool, parameters.workers, parameters.blocks_per_task, stop, retry)
