"""Clusters: worker processes on this machine or elsewhere, as a protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeVar

if TYPE_CHECKING:
    from flows.runners.pool import TaskPool

__all__ = ["LOST_AT_MOST", "Cluster", "WorkerPlace"]

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
        """Call a function on every worker; a worker that has not answered in time is omitted.

        Parameters
        ----------
        question
            Function to call, picklable.
        argument
            Its argument.
        timeout_s
            Longest wait, in seconds.

        Returns
        -------
        Mapping[str, R | BaseException]
            Answer or error by worker.
        """
        ...

    def call(self, body: Callable[[A], R], argument: A) -> R:
        """Call a function once, on a worker that may encode; its error is raised here.

        Parameters
        ----------
        body
            Function to call, picklable.
        argument
            Its argument.

        Returns
        -------
        R
            Its result.
        """
        ...

    def pool(self) -> "TaskPool":
        """Pool of workers that Prefect sends task runs to."""
        ...
