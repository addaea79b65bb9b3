"""Workers of Ray: processes of this machine, or of a cluster that runs already."""

import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")

import ray
from ray.exceptions import RayError, RayTaskError
from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

from flows.runners.cluster import LOST_AT_MOST, WorkerPlace
from flows.runners.devices import n_devices
from ilime_core.errors import InputError
from tasks.spec import RunnerParameters

if TYPE_CHECKING:
    from flows.runners.ray_pool import RayPool

__all__ = ["RayCluster", "ray_cluster"]

OBJECTS_BYTES = 100 * 2**20
"""Bytes of a local cluster's object store, which holds nothing but reports."""

NAMESPACE = "prefect"
CONNECT_S = 20
FOLDER = "ILIME_RAY_FOLDER"
ENCODES_ON = "ILIME_ENCODES_ON"
WATCH = Path(__file__).with_name("ray_watch.py")

A = TypeVar("A")
R = TypeVar("R")


class RayCluster:
    """See `flows.runners.cluster.Cluster`; Ray starts processes as needed, so that a worker is a node."""

    def __init__(self, resource: str, address: str) -> None:
        self._resource = resource
        self._address = address

    @property
    def start_worker(self) -> str:
        """See `flows.runners.cluster.Cluster`."""
        address = self._address.removeprefix("ray://") or "ADDRESS"
        declared = {"": "", "GPU": " --num-gpus=1"}.get(
            self._resource, f" --resources='{{\"{self._resource}\": 1}}'"
        )
        return f"ray start --address={address}{declared}"

    def places(self, timeout_s: float) -> list[WorkerPlace]:  # noqa: ARG002 - a cluster has its head at once
        """See `flows.runners.cluster.Cluster`."""
        return [WorkerPlace(_name(node), node["Resources"]) for node in _nodes()]

    def ask(
        self, question: Callable[[A], R], argument: A, timeout_s: float
    ) -> Mapping[str, R | BaseException]:
        """See `flows.runners.cluster.Cluster`."""
        asked = {
            _name(node): ray.remote(question)
            .options(
                num_cpus=0, scheduling_strategy=NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            )
            .remote(argument)
            for node in _nodes()
        }
        done, _ = ray.wait(list(asked.values()), num_returns=len(asked), timeout=timeout_s)
        return {name: _answer(reference) for name, reference in asked.items() if reference in done}

    def call(self, body: Callable[[A], R], argument: A) -> R:
        """See `flows.runners.cluster.Cluster`."""
        place = _task_options(self._resource, encodes=True)
        answer = _answer(ray.remote(**place)(body).remote(argument))
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def pool(self) -> "RayPool":
        """See `flows.runners.cluster.Cluster`."""
        from flows.runners.ray_pool import RayPool  # noqa: PLC0415 - Prefect, whose environment comes later

        n_encoders = sum(int(node["Resources"].get(self._resource or "CPU", 0)) for node in _nodes())
        encoding, other = (_task_options(self._resource, encodes=encodes) for encodes in (True, False))
        return RayPool(encoding, other, n_encoders)


@contextmanager
def ray_cluster(parameters: RunnerParameters) -> Generator[RayCluster]:
    """Connect to a cluster, or start one with ``workers`` processes.

    Raises
    ------
    InputError
        If nothing answers at ``address``.
    """
    cluster = RayCluster(parameters.device_resource, parameters.address)
    if parameters.address:
        try:
            _reach(parameters.address)
            ray.init(
                parameters.address, namespace=NAMESPACE, log_to_driver=False, logging_level=logging.ERROR
            )
        except (OSError, RuntimeError, ValueError) as error:
            raise InputError(
                f"no Ray cluster answers at {parameters.address} ({error}): start one with `ray start --head`"
            ) from error
        try:
            yield cluster
        finally:
            ray.shutdown()
        return
    with _folder() as folder:
        _start(parameters, folder)
        try:
            yield cluster
        finally:
            ray.shutdown()


def _reach(address: str) -> None:
    """Ray itself tries for many minutes to reach what is not there."""
    host, _, port = address.removeprefix("ray://").rpartition(":")
    if host and port.isdigit():
        socket.create_connection((host.strip("[]"), int(port)), timeout=CONNECT_S).close()


def _start(parameters: RunnerParameters, folder: str) -> None:
    n_encoders = min(n_devices(), parameters.workers)
    named = parameters.device_resource
    ray.init(
        namespace=NAMESPACE,
        log_to_driver=False,
        logging_level=logging.ERROR,
        num_cpus=parameters.workers,
        num_gpus=n_encoders if named == "GPU" else None,
        resources={named: n_encoders} if named and named != "GPU" else None,
        include_dashboard=False,
        object_store_memory=OBJECTS_BYTES,
        # Beyond as many processes as CPUs Ray ends idle ones after a second, and their models with them.
        _system_config={"num_workers_soft_limit": 2 * parameters.workers + n_encoders},
        _temp_dir=folder,
    )


@contextmanager
def _folder() -> Generator[str]:
    """A folder that the cluster's processes are known by, and that goes with this process however it ends."""
    folder = tempfile.mkdtemp(prefix="ilime-ray-")
    watch = subprocess.Popen(  # noqa: S603 - our own program and our own arguments
        [sys.executable, "-P", str(WATCH), str(os.getpid()), folder],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    os.environ[FOLDER] = folder
    try:
        yield folder
    finally:
        os.environ.pop(FOLDER, None)
        watch.kill()
        watch.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _nodes() -> list[dict[str, Any]]:
    return [node for node in ray.nodes() if node["Alive"]]


def _name(node: Mapping[str, object]) -> str:
    return f"{node['NodeManagerAddress']} (node {str(node['NodeID'])[:8]})"


def _answer(reference: "ray.ObjectRef[R]") -> R | BaseException:
    try:
        return ray.get(reference)
    except RayTaskError as error:
        return error.cause if error.cause is not None else error
    except RayError as error:
        return error


def _task_options(resource: str, *, encodes: bool) -> dict[str, Any]:
    """Options of a remote function; ``max_calls=0`` keeps a process, and its model, for the next block."""
    options: dict[str, Any] = {"num_cpus": 1, "max_calls": 0, "max_retries": LOST_AT_MOST}
    if encodes and resource:
        # An environment of their own gives these tasks processes of their own: any idle process would be
        # taken else, and each would load the model beside those that have it already.
        options["runtime_env"] = {"env_vars": {ENCODES_ON: resource}}
        options |= {"num_gpus": 1} if resource == "GPU" else {"resources": {resource: 1}}
    return options
