"""Task runs on workers of Ray."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from prefect_ray import RayTaskRunner
from prefect_ray.context import remote_options

__all__ = ["RayPool"]


class RayPool:
    """Prefect's task runner for Ray, which finds the cluster that this process is connected to.

    Parameters
    ----------
    encoding, other
        Options of remote functions that encode, and of others.
    n_encoders
        How many may encode at once.
    """

    def __init__(self, encoding: Mapping[str, Any], other: Mapping[str, Any], n_encoders: int) -> None:
        self._encoding = encoding
        self._other = other
        self.n_encoders: int | None = n_encoders

    def opened(self) -> RayTaskRunner[Any]:
        """See `flows.runners.pool.TaskPool`."""
        return RayTaskRunner()

    def placed(self, *, encodes: bool) -> AbstractContextManager[object]:
        """See `flows.runners.pool.TaskPool`."""
        return remote_options(**(self._encoding if encodes else self._other))
