"""The flows ``explain`` and ``measure`` of the command line, as Prefect sees them."""

from contextvars import ContextVar
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run

from flows.conclusion import conclude
from flows.flow_work import work_in_flow
from flows.history import wait_for_history
from flows.local_server import EngineError
from flows.session import Session

__all__ = ["run_as_flow"]

_session: ContextVar[Session] = ContextVar("session")


def run_as_flow(session: Session) -> None:
    """Run a session inside a flow run of the server that PREFECT_API_URL names.

    Failed blocks are in ``session.failures``; whatever else ends the flow is raised, not only recorded there.
    """
    token = _session.set(session)
    try:
        chosen = measure if session.kind == "measure" else explain
        state = chosen(return_state=True)
    finally:
        _session.reset(token)
    if session.error is not None:
        raise session.error
    if state.is_crashed():
        raise EngineError(f"the flow run was lost: {state.message}")


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
    state = conclude(session.kind, session.name, session.parameters, outcome)
    if outcome.wrote:
        # The embedded server ends with this process: the asset's task run would be lost.
        wait_for_history(UUID(str(flow_run.id)), session.task_runs + 1)
    return state
