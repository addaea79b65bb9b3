"""The flows ``explain`` and ``measure`` as Prefect sees them: names, artifacts, states, complete history."""

import html
from contextvars import ContextVar
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run
from prefect.states import Completed, Failed

from flows.artifacts import ProgressArtifact, api_is_local, publish_failures, publish_summary
from flows.history import wait_for_history
from flows.local_server import EngineError
from flows.runner_choice import make_runner
from flows.session import Session
from flows.summary import count_lines, retrieval_lines
from tasks.commits import all_commits
from tasks.report.terminal import overview_lines
from tasks.reports import BlockReport
from tasks.runs import open_run

__all__ = ["run_as_flow"]

MARKDOWN = frozenset("\\`*_{}[]()#+-.!|~<>")

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
    session.flow_run = flow_run.id
    runner = make_runner(session.parameters.runner, session.stop, cluster=session.cluster)
    progress = ProgressArtifact(session.n_blocks)

    def count(report: BlockReport) -> None:
        if report.stage == "match":
            progress.expect(session.n_blocks)
        progress.block_done()

    session.on_block.append(count)
    try:
        failures = session.work(runner)
    finally:
        wait_for_history(UUID(str(flow_run.id)), runner.task_runs)
    _publish(session)
    if session.stop.requested:
        return Failed(message="stopped before the end; start it again to resume")
    if failures:
        return Failed(message=f"{len(failures)} blocks are not committed; start it again to resume")
    return Completed(message=f"run {session.run.run_id}")


def _escaped(line: str) -> str:
    """Captions are text, never Markdown or HTML."""
    return "".join(f"\\{c}" if c in MARKDOWN else c for c in html.escape(line))


def _publish(session: Session) -> None:
    """Artifacts: captions and uris only where the API is on this machine."""
    commits = all_commits(session.run.storage, session.run.run_id)
    publish_failures(
        failure
        for stage in commits.values()
        for commit in stage.values()
        for failure in commit.facts.failures
    )
    if "finish" in commits:
        run = open_run(session.run.root, session.run.run_id)
        lines = [*retrieval_lines(run), *count_lines(run)]
        if api_is_local():
            lines += [_escaped(line) for line in overview_lines(run)]
        publish_summary("\n\n".join([f"# Run {session.run.run_id}", *lines]))
