"""The stages inside a flow run: runner, progress artifact, lines of its log."""

import logging
from contextlib import suppress
from uuid import UUID

from httpx import HTTPError
from prefect.logging import get_run_logger
from prefect.runtime import flow_run

from flows.console.block_lines import item_name
from flows.console.log_lines import Line
from flows.engine.api import api_is_local
from flows.engine.engine_watch import server_lost
from flows.engine.local_server import EngineError
from flows.flow_runs.artifacts import ProgressArtifact
from flows.flow_runs.history import wait_for_history
from flows.runners.choice import make_runner
from flows.session.session import Session
from tasks.stages.block_report import BlockReport

__all__ = ["say_in_flow", "work_in_flow"]

TOLD_ELSEWHERE = {"progress", "block", "item-failed"}
"""Events that the progress artifact and the logs of task runs tell; inline there are no task runs."""

LEVELS = {"info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}


def work_in_flow(session: Session) -> None:
    """Run a session's blocks as task runs of the flow run at hand."""
    session.flow_run = flow_run.id
    told = {"progress"} if session.parameters.runner.name == "inline" else TOLD_ELSEWHERE
    session.log = session.log.heard_by(lambda line: None if line.event in told else say_in_flow(line))
    runner = make_runner(session.parameters.runner, session.stop, cluster=session.cluster)
    progress = ProgressArtifact(session.n_blocks)

    def count(report: BlockReport) -> None:
        if report.stage == "match":
            progress.expect(session.n_blocks)
        if not server_lost():
            with suppress(HTTPError, EngineError):  # a picture of the run, and no part of it
                progress.block_done()

    session.on_block.append(count)
    try:
        session.work(runner)
    finally:
        session.task_runs = runner.task_runs
        if not server_lost():
            with suppress(HTTPError, EngineError):
                wait_for_history(UUID(str(flow_run.id)), session.task_runs)


def say_in_flow(line: Line) -> None:
    """Put a line into the log of the flow run."""
    get_run_logger().log(LEVELS[line.level], "%s", _text(line))


def _text(line: Line) -> str:
    message = line.message if line.public is None or api_is_local() else line.public
    if line.entry is not None:
        return f"{line.stage}, block {line.block}, {item_name(line.entry, line.item_id)}: {message}"
    return message
