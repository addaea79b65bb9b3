"""Workers in other processes, here or elsewhere: the seam, and how one is opened for a start of a run."""

import os
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

from ilime_core.errors import InputError
from tasks.spec import RunnerParameters

if TYPE_CHECKING:
    from flows.runners.pool import TaskPool

__all__ = ["LOST_AT_MOST", "Cluster", "WorkerPlace", "opened_cluster"]

LOST_AT_MOST = 3
"""How often a block is begun anew because its worker died; after that the block is suspected."""

A = TypeVar("A")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class WorkerPlace:
    """A worker as its cluster names it, with the resources that it declares."""

    name: str
    resources: Mapping[str, float]


class Cluster(Protocol):
    """Processes that can be asked and given work."""

    @property
    def start_worker(self) -> str:
        """The command that starts another worker with the resource that is asked for."""
        ...

    def places(self, timeout_s: float) -> list[WorkerPlace]:
        """Name the workers; waits for the first one, and none are named if the time is over before."""
        ...

    def ask(
        self, question: Callable[[A], R], argument: A, timeout_s: float
    ) -> Mapping[str, R | BaseException]:
        """Call a function on every worker; who has not answered in time is left out."""
        ...

    def call(self, body: Callable[[A], R], argument: A) -> R:
        """Call a function once, on a worker that may encode; its error is raised here."""
        ...

    def pool(self) -> "TaskPool":
        """Where Prefect sends task runs."""
        ...


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
