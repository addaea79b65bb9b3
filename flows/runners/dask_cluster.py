"""Workers of Dask: processes of this machine, or the workers of a scheduler's address."""

import asyncio
import logging
import os
import signal
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar, cast

from distributed import Client, Nanny, Scheduler, SpecCluster, Worker, WorkerPlugin
from distributed.security import Security

from flows.engine.embedded_server import QUIET
from flows.runners.cluster import WorkerPlace
from flows.runners.devices import n_devices
from ilime_core.errors import InputError
from tasks.process.allocator import keep_freed_memory
from tasks.spec import RunnerParameters

if TYPE_CHECKING:
    from flows.runners.dask_pool import DaskPool

__all__ = ["DaskCluster", "dask_cluster"]

CONNECT_S = 20
NOBODYS_PORT = "127.0.0.1:0"

A = TypeVar("A")
R = TypeVar("R")


class DaskCluster:
    """See `flows.runners.cluster.Cluster`."""

    def __init__(self, client: Client, address: str, resource: str, security: Security | None) -> None:
        self._client = client
        self._address = address
        self._resource = resource
        self._security = security

    @property
    def start_worker(self) -> str:
        """See `flows.runners.cluster.Cluster`."""
        declared = f' --resources "{self._resource}=1"' if self._resource else ""
        return f"dask worker {self._address} --nthreads 1{declared}"

    def places(self, timeout_s: float) -> list[WorkerPlace]:
        """See `flows.runners.cluster.Cluster`."""
        try:
            self._client.wait_for_workers(1, timeout=timeout_s)
        except TimeoutError:
            return []
        workers = self._client.scheduler_info(n_workers=-1)["workers"]
        return [WorkerPlace(name, dict(facts["resources"])) for name, facts in sorted(workers.items())]

    def ask(
        self, question: Callable[[A], R], argument: A, timeout_s: float
    ) -> Mapping[str, R | BaseException]:
        """See `flows.runners.cluster.Cluster`; a worker answers beside the block that it is at."""
        names = [place.name for place in self.places(timeout_s)]

        async def one(name: str) -> R | BaseException:
            return (await self._client.run(question, argument, workers=[name], on_error="return"))[name]

        async def every() -> Mapping[str, R | BaseException]:
            asked = {name: asyncio.create_task(one(name)) for name in names}
            done, late = await asyncio.wait(asked.values(), timeout=timeout_s)
            for task in late:
                task.cancel()
            return {name: task.exception() or task.result() for name, task in asked.items() if task in done}

        return cast("Mapping[str, R | BaseException]", self._client.sync(every))

    def call(self, body: Callable[[A], R], argument: A) -> R:
        """See `flows.runners.cluster.Cluster`."""
        needs = {self._resource: 1} if self._resource else None
        return self._client.submit(body, argument, pure=False, resources=needs).result()

    def pool(self) -> "DaskPool":
        """See `flows.runners.cluster.Cluster`."""
        from flows.runners.dask_pool import DaskPool  # noqa: PLC0415 - Prefect, whose environment comes later

        return DaskPool(self._address, self._security, self._resource, self.places(CONNECT_S))


@contextmanager
def dask_cluster(parameters: RunnerParameters) -> Generator[DaskCluster]:
    """Connect to a scheduler, or start one with ``workers`` processes of one thread each.

    Raises
    ------
    InputError
        If nothing answers at ``address``.
    """
    if parameters.address:
        try:
            client = Client(parameters.address, set_as_default=False, timeout=CONNECT_S)
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {parameters.address} ({error}): start one with `dask "
                f"scheduler`, and workers with `dask worker {parameters.address} --nthreads 1`"
            ) from error
        with client:
            yield DaskCluster(client, parameters.address, parameters.device_resource, None)
        return
    security = Security.temporary()  # else other accounts of this machine could run code as this user
    local = _local(parameters, security)
    with _silence(), local:
        address = str(local.scheduler_address)
        with Client(address, set_as_default=False, security=security) as client:
            client.register_plugin(LocalWorker())
            client.wait_for_workers(parameters.workers, timeout=60)
            yield DaskCluster(client, address, parameters.device_resource, security)


class LocalWorker(WorkerPlugin):
    """What a worker of this machine needs beside Dask's own."""

    name = "ilime-local"

    def setup(self, worker: Worker) -> None:  # noqa: ARG002 - Dask's signature
        """Leave Ctrl-C, which a terminal sends to all processes, to the driver; keep buffers."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        keep_freed_memory()


@contextmanager
def _silence() -> Generator[None]:
    """Workers of a local cluster come and go with a command, which has lines of its own to say."""
    logger = logging.getLogger("distributed")
    before = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(before)


def _local(parameters: RunnerParameters, security: Security) -> SpecCluster:
    return SpecCluster(
        workers={number: _worker(parameters, number, security) for number in range(parameters.workers)},
        scheduler={
            "cls": Scheduler,
            "options": {
                "host": "127.0.0.1",
                "port": 0,
                "dashboard": False,
                "dashboard_address": NOBODYS_PORT,
                "security": security,
            },
        },
        security=security,
        silence_logs=logging.CRITICAL,  # pyright: ignore[reportArgumentType] - a level, whatever its type says
    )


def _worker(parameters: RunnerParameters, number: int, security: Security) -> dict[str, object]:
    """Specify one process; where a resource is asked for, the first ones have a device each."""
    resource, devices = parameters.device_resource, n_devices() if parameters.device_resource else 0
    has_device = number < devices
    quiet = {name: value for name, value in QUIET.items() if name not in os.environ}  # our terminal is theirs
    return {
        "cls": Nanny,
        "options": {
            "host": "127.0.0.1",
            "nthreads": 1,
            "memory_limit": None,  # models are larger than Dask's share of the memory for a worker
            "dashboard": False,
            "dashboard_address": NOBODYS_PORT,
            "silence_logs": logging.CRITICAL,
            "security": security,
            "resources": {resource: 1} if has_device else {},
            "env": quiet | ({"CUDA_VISIBLE_DEVICES": str(number)} if has_device and devices > 1 else {}),
        },
    }
