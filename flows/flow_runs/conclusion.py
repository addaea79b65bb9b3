"""End of a flow run: its artifacts, its event, its asset, its state."""

import html
import shlex

from prefect.client.schemas.objects import State
from prefect.logging import get_run_logger
from prefect.states import Completed, Failed

from flows.console.summary import count_lines, retrieval_lines
from flows.engine.api import api_is_local
from flows.flow_runs.artifacts import publish_failures, publish_summary
from flows.flow_runs.assets import materialise_tables
from flows.flow_runs.events import emit_end
from flows.session.outcome import Outcome, failed_items, shortfall_of
from tasks.report.terminal import overview_lines
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters

__all__ = ["as_shown", "conclude"]

MARKDOWN = frozenset("\\`*_{}[]()#+-.!|~<>")


def conclude(kind: str, name: str, parameters: ExplainParameters, outcome: Outcome) -> State[None]:
    """Publish the outcome of a start from within its flow run.

    Parameters
    ----------
    kind
        ``explain`` or ``measure``.
    name
        Name of the flow run.
    parameters
        Spec of the run.
    outcome
        End of the start.

    Returns
    -------
    State
        Completed if every block is committed and no more items failed than are tolerated, else Failed.
    """
    failed = failed_items(outcome)
    publish_failures(failed)
    if outcome.finished:
        publish_summary(_summary(outcome))
        if outcome.wrote:
            materialise_tables(kind, outcome)
    if outcome.stopped:
        return Failed(message="stopped before the end; start it again to resume")
    for failure in outcome.failures:
        message = failure.message if api_is_local() else failure.public
        get_run_logger().error("%s, block %d: %s", failure.stage, failure.block, message)
    shortfall = shortfall_of(parameters, outcome, failed if kind == "explain" else ())
    emit_end(kind, name, outcome.run.run_id, outcome.computed, shortfall)
    if outcome.failures:
        return Failed(message=f"{shortfall}; start it again to resume")
    if shortfall.too_much:
        return Failed(message=f"{shortfall}; all else is explained")
    what = "nothing to compute" if outcome.computed == 0 else f"{outcome.computed} blocks computed"
    return Completed(message=f"run {outcome.run.run_id}: {what}; {shortfall}")


def _summary(outcome: Outcome) -> str:
    """Markdown of what was found; captions and paths only where the API is on this machine."""
    run = open_run(outcome.run.root, outcome.run.run_id)
    lines = [f"# Run {run.run_id}", *retrieval_lines(run), *count_lines(run)]
    if api_is_local():
        lines += [as_shown(line) for line in overview_lines(run)]
    return "\n\n".join([*lines, *_links(run.run_id, run.root)])


def _links(run_id: str, root: str) -> list[str]:
    if root.startswith("/"):
        if not api_is_local():
            return []
        where = f"[{as_shown(root)}](<file://{root}>)"
    else:
        where = f"`{root}`"
    quoted = shlex.quote(root)
    return [
        f"Tables: {where}",
        f"Pictures and pages: `ilime show {run_id} --root {quoted}`, `ilime report {run_id} --root {quoted}`",
    ]


def as_shown(line: str) -> str:
    """Markdown that shows a line as it is: captions are text, never Markdown or HTML."""
    return "".join(f"\\{c}" if c in MARKDOWN else c for c in html.escape(line))
