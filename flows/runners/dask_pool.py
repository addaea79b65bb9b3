"""Task runs on workers of Dask."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext

from dask.base import annotate
from distributed.security import Security
from prefect_dask.task_runners import DaskTaskRunner

from flows.runners.cluster import WorkerPlace

__all__ = ["DaskPool"]


class DaskPool:
    """Prefect's task runner for Dask, connected to a scheduler.

    Parameters
    ----------
    address, security
        Of the scheduler.
    resource
        What a worker must declare to encode; empty if any may.
    places
        The workers.
    """

    def __init__(
        self, address: str, security: Security | None, resource: str, places: Sequence[WorkerPlace]
    ) -> None:
        self._address = address
        self._security = security
        self._resource = resource
        self._without = [place.name for place in places if resource and not place.resources.get(resource)]
        self.n_encoders: int | None = len(places) - len(self._without)

    def opened(self) -> DaskTaskRunner:
        """See `flows.runners.pool.TaskPool`."""
        return DaskTaskRunner(
            address=self._address, client_kwargs={"security": self._security} if self._security else {}
        )

    def placed(self, *, encodes: bool) -> AbstractContextManager[object]:
        """See `flows.runners.pool.TaskPool`: other work keeps away from devices while there are others."""
        if encodes and self._resource:
            return annotate(resources={self._resource: 1})
        if not encodes and self._without:
            return annotate(workers=self._without, allow_other_workers=True)
        return nullcontext()
