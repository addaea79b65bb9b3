"""Task runs on workers of Ray."""

from contextlib import AbstractContextManager
from typing import Any

from prefect_ray import RayTaskRunner
from prefect_ray.context import remote_options

from flows.runners.ray_options import task_options

__all__ = ["RayPool"]


class RayPool:
    """Prefect's task runner for Ray, which finds the cluster that this process is connected to.

    Parameters
    ----------
    resource
        What a task that encodes takes one of; empty if any worker may encode.
    lanes
        How many of them there are.
    """

    def __init__(self, resource: str, lanes: int) -> None:
        self._resource = resource
        self.lanes: int | None = lanes

    def opened(self) -> RayTaskRunner[Any]:
        """See `flows.runners.pool.TaskPool`."""
        return RayTaskRunner()

    def placed(self, *, encodes: bool) -> AbstractContextManager[object]:
        """See `flows.runners.pool.TaskPool`."""
        return remote_options(**task_options(self._resource, encodes=encodes))
