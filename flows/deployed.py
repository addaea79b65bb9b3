"""Flows for deployments: a worker starts them with a spec as their parameter.

Deploy them by ``entrypoint: flows.deployed.explain`` (or ``measure``, ``compare``) with ``pull: []``; ilime
is installed where the worker runs.
"""

import logging
from collections.abc import Mapping

from prefect import flow
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State, StateType
from prefect.exceptions import FailedRun
from prefect.logging import get_logger, get_run_logger
from prefect.runtime import flow_run
from prefect.states import Cancelled, Completed, Failed
from rich.console import Console

from flows.console.log_lines import LogLines
from flows.console.signals import StopSignals
from flows.engine.api import api_is_local
from flows.execution import execute_with
from flows.flow_runs.comparison import compare_nights
from flows.flow_runs.conclusion import conclude
from flows.flow_runs.deployed_spec import validated
from flows.flow_runs.flow_work import say_in_flow, work_in_flow
from flows.session.session import Session, run_name
from ilime_core.aggregates.corrections import LEVEL
from ilime_core.errors import IlimeError
from tasks.model_comparison.drift import LEAST_CORRELATION, DriftBounds
from tasks.model_comparison.nights import last_two_runs
from tasks.process.allocator import keep_freed_memory
from tasks.spec import ExplainParameters

__all__ = ["compare", "explain", "measure"]

GRACE_S = 20.0
"""Seconds for running blocks after a cancellation; a worker of Prefect kills after 30."""


def _name() -> str:
    """Label or format of the corpus, until planning has fixed the run's id."""
    spec = (flow_run.parameters or {}).get("spec")
    tree = spec if isinstance(spec, Mapping) else {}
    corpus = tree.get("corpus")
    return str(tree.get("label") or (corpus.get("format") if isinstance(corpus, Mapping) else "") or "ilime")


# Parameters are validated inside, by the same models: one line reports what is wrong instead of a traceback.
@flow(name="ilime explain", flow_run_name=_name, persist_result=False, validate_parameters=False)
def explain(spec: ExplainParameters) -> State[None]:
    """Explain a benchmark: run it, or resume it where it stopped.

    Parameters
    ----------
    spec
        The spec, as the command line takes it from a file.
    """
    return _start("explain", spec)


@flow(name="ilime measure", flow_run_name=_name, persist_result=False, validate_parameters=False)
def measure(spec: ExplainParameters) -> State[None]:
    """Measure the explanations of a finished run.

    Parameters
    ----------
    spec
        The spec of that run; its faithfulness section says what is measured.
    """
    return _start("measure", spec)


@flow(name="ilime compare", flow_run_name=_name, persist_result=False, validate_parameters=False)
def compare(
    spec: ExplainParameters,
    against: str = "",
    least_correlation: float = LEAST_CORRELATION,
    level: float = LEVEL,
    out: str = "",
) -> State[None]:
    """Compare the newest finished run of a spec with an earlier one; an event says if it has drifted.

    Parameters
    ----------
    spec
        The spec of the nightly run.
    against
        Run of the same output to compare with; empty: the finished run of the spec before the newest.
    least_correlation
        Smallest mean correlation of W that is no drift.
    level
        Corrected p-value below which a lower R@1 is a drift.
    out
        Folder or URL of table ``comparisons``; empty: the output of the spec.

    Returns
    -------
    State
        Completed, with what was found in one line; Failed where input is wrong.
    """
    try:
        bounds, parameters = DriftBounds(least_correlation, level), validated(spec)
        runs = last_two_runs(parameters, against)
        if runs is None:
            return Completed(
                message="nothing to compare with yet: this is the first finished run of the spec"
            )
        name = run_name(parameters, runs[1].run_id)
        _rename(name)
        return compare_nights(name, runs, bounds, out or parameters.output)
    except IlimeError as error:
        return _failed(error)


def _start(kind: str, spec: ExplainParameters) -> State[None]:
    keep_freed_memory()
    log = LogLines(Console(stderr=True, quiet=True)).heard_by(say_in_flow)
    stop = StopSignals("ilime: ended before its running blocks; nothing committed is lost", GRACE_S)
    try:
        parameters = validated(spec)
        outcome = execute_with(kind, parameters, log, stop, _work)
    except IlimeError as error:
        return _failed(error)
    name = run_name(parameters, outcome.run.run_id)
    _rename(name)
    state = conclude(kind, name, parameters, outcome)
    if state.is_failed():
        _spare_traceback()
    return _cancelled() if outcome.stopped and _is_cancelling() else state


def _work(session: Session) -> None:
    _rename(session.name)
    work_in_flow(session)


def _spare_traceback() -> None:
    """Let the process of a worker end behind a failed state without the traceback of its own exit.

    Prefect raises what the state says once more to end the process, and logs where it did so.
    """
    for name in ("engine", "flow_runs"):
        get_logger(name).addFilter(_tells_more)


def _tells_more(record: logging.LogRecord) -> bool:
    return not (record.exc_info and isinstance(record.exc_info[1], FailedRun))


def _failed(error: IlimeError) -> State[None]:
    """One line. What follows the kind of error may name uris: only this machine hears it."""
    _spare_traceback()
    line = " ".join(str(error).split())
    if api_is_local():
        return Failed(message=line)
    logging.getLogger(__name__).error("%s", line)
    return Failed(message=f"{type(error).__name__}: the log of the worker says more")


def _rename(name: str) -> None:
    with get_client(sync_client=True) as client:
        client.set_flow_run_name(flow_run.id, name)


def _is_cancelling() -> bool:
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(flow_run.id).state
    return state is not None and state.type in {StateType.CANCELLING, StateType.CANCELLED}


def _cancelled() -> State[None]:
    get_run_logger().info("cancelled; what is committed stays, the next run resumes")
    return Cancelled(message="stopped in order; what is committed stays, the next run resumes")
