"""The flows ``explain`` and ``measure`` of the command line, as Prefect sees them."""

from contextvars import ContextVar
from uuid import UUID

from httpx import HTTPError
from prefect import flow
from prefect.client.schemas.objects import State
from prefect.exceptions import PrefectException
from prefect.runtime import flow_run

from flows.console.log_lines import Line
from flows.engine.engine_watch import server_lost
from flows.engine.local_server import EngineError
from flows.flow_runs.conclusion import conclude
from flows.flow_runs.flow_work import work_in_flow
from flows.flow_runs.history import wait_for_history
from flows.session.session import Session

__all__ = ["run_as_flow"]

_OF_PREFECT = (HTTPError, PrefectException, EngineError)

_session: ContextVar[Session] = ContextVar("session")


def run_as_flow(session: Session) -> None:
    """Run a session inside a flow run of the server that PREFECT_API_URL names.

    Failed blocks are in ``session.failures``; whatever else ends the flow is raised, not only recorded there.

    Raises
    ------
    EngineError
        If Prefect or its server fails before the stages are through. Afterwards that is only said: what is
        lost then is history.
    """
    token = _session.set(session)
    crashed = ""
    try:
        chosen = measure if session.kind == "measure" else explain
        state = chosen(return_state=True)
        crashed = f"the flow run was lost: {state.message}" if state.is_crashed() else ""
    except _OF_PREFECT as error:
        session.error = session.error or error
    finally:
        _session.reset(token)
    if session.error is not None and not isinstance(session.error, _OF_PREFECT):
        raise session.error
    problem = _line(session.error) if session.error is not None else crashed
    if problem and not session.worked:
        raise EngineError(problem) from session.error
    if problem and not server_lost():
        said = f"ilime: the work is done, and Prefect's history of it is not whole: {problem}"
        session.log.say(Line("history", said, "warning"))


def _line(error: Exception) -> str:
    said = " ".join(str(error).split())
    return said if isinstance(error, EngineError) else f"Prefect's server or client fails: {said}"


def _name() -> str:
    return _session.get().name


@flow(name="ilime explain", flow_run_name=_name, persist_result=False, log_prints=False)
def explain() -> State[None]:
    """Explain a benchmark."""
    return _guarded()


@flow(name="ilime measure", flow_run_name=_name, persist_result=False, log_prints=False)
def measure() -> State[None]:
    """Measure the explanations of a run."""
    return _guarded()


def _guarded() -> State[None]:
    # The flows go to workers pickled: of this module they may name functions, and not the context variable.
    session = _session.get()
    try:
        return _run(session)
    except Exception as error:
        session.error = error
        raise


def _run(session: Session) -> State[None]:
    work_in_flow(session)
    outcome = session.outcome
    if reason := server_lost():
        raise EngineError(f"the Prefect server {reason}")
    state = conclude(session.kind, session.name, session.parameters, outcome)
    if outcome.wrote:
        # The embedded server ends with this process: the asset's task run would be lost.
        wait_for_history(UUID(str(flow_run.id)), session.task_runs + 1)
    return state
