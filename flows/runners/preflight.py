"""Before a cluster is given work: its workers answer, are like the driver, and can do what is asked."""

import secrets
import time
from collections.abc import Iterator, Mapping

from flows.runners.cluster import Cluster, WorkerPlace
from ilime_core.errors import InputError
from tasks.process.plugin_environment import PLUGIN_VARIABLE
from tasks.process.worker_facts import Question, WorkerFacts, worker_facts
from tasks.spec import ExplainParameters
from tasks.storage.access import WithAccess
from tasks.storage.storage import Storage

__all__ = ["ANSWER_S", "check_workers"]

ANSWER_S = 60.0


def check_workers(cluster: Cluster, parameters: ExplainParameters, timeout_s: float = ANSWER_S) -> int:
    """Compare every worker with the driver.

    Parameters
    ----------
    cluster
        Opened cluster.
    parameters
        Spec with output, model and resource.
    timeout_s
        Longest wait for workers and for their answers, in seconds.

    Returns
    -------
    int
        Number of workers.

    Raises
    ------
    InputError
        If none answers, one of them differs from the driver or cannot reach the output, or none has the
        resource that stages with a device need. One line: which worker, what, and the command that helps.
    """
    deadline = time.monotonic() + timeout_s
    places = cluster.places(timeout_s)
    if not places:
        raise InputError(f"no worker came within {timeout_s:.0f} s: start one with `{cluster.start_worker}`")
    resource = parameters.runner.device_resource
    if resource and not any(place.resources.get(resource) for place in places):
        raise InputError(
            f"none of {len(places)} workers ({places[0].name} ...) declares the resource {resource} that "
            f"runner.device_resource asks for: start one with `{cluster.start_worker}`"
        )
    storage = Storage(parameters.output)
    storage.check_writable()
    probe = f"_runs/.probe-{secrets.token_hex(8)}"
    question = Question(WithAccess(storage.read_bytes), probe, parameters.model)
    storage.write(probe, b"read by every worker")
    try:
        expected = worker_facts(question)
        answers = cluster.ask(worker_facts, question, max(deadline - time.monotonic(), 1.0))
    finally:
        storage.delete(probe)
    for problem in _problems(cluster, places, answers, expected, parameters):
        raise InputError(problem)
    return len(places)


def _problems(
    cluster: Cluster,
    places: list[WorkerPlace],
    answers: Mapping[str, WorkerFacts | BaseException],
    expected: WorkerFacts,
    parameters: ExplainParameters,
) -> Iterator[str]:
    install = f"`pip install ilime=={expected.ilime}` there, and start it again"
    for place in places:
        who = f"worker {place.name}"
        answer = answers.get(place.name)
        if answer is None:
            yield f"{who} does not answer: stop it, and start another with `{cluster.start_worker}`"
        elif isinstance(answer, BaseException):
            yield f"{who} cannot run ilime {expected.ilime} ({_last_line(answer)}): {install}"
        else:
            yield from (f"{who} {what}" for what in _differences(answer, expected, parameters, install))


def _differences(
    got: WorkerFacts, expected: WorkerFacts, parameters: ExplainParameters, install: str
) -> Iterator[str]:
    if got.python != expected.python:
        yield f"runs Python {got.python}: start it with {expected.python}, as the driver"
    for name in ("ilime", "tables", "numerics"):
        theirs, ours = getattr(got, name), getattr(expected, name)
        if theirs != ours:
            what = {"ilime": "ilime", "tables": "table schema", "numerics": "numbers of stages"}[name]
            yield f"has {what} {_short(theirs)}, the driver {_short(ours)}: {install}"
    for factory in filter(None, (parameters.model.factory, parameters.opaque.factory)):
        package = factory.partition(":")[0].partition(".")[0]
        if package in got.plugins:
            continue
        allowed = ",".join((*got.plugins, package))
        yield (
            f"does not allow the plugin {package}: `export {PLUGIN_VARIABLE}={allowed}` where it is started, "
            "and start it again"
        )
    if got.unreachable:
        yield (
            f"cannot read what the driver has written to the output {parameters.output} ({got.unreachable}): "
            "name storage that all of them reach, like s3:// or a shared folder"
        )


def _short(value: object) -> str:
    """Pairs as words; all else as it is."""
    if isinstance(value, tuple):
        return " ".join(f"{name}={number}" for name, number in value)
    return str(value)


def _last_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return lines[-1]
