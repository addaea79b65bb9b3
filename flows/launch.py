"""Launch of ``explain`` and ``measure``: the engine, the terminal and the exit status."""

from collections.abc import Set as AbstractSet
from contextlib import suppress

import click
from rich.console import Console

from flows.console.failure_lines import failure_lines, failures_of
from flows.console.failure_log import bug_report
from flows.console.log_lines import Line, LogLines
from flows.console.printed_lines import print_lines
from flows.engine.local_server import LocalServer
from flows.execution import Outcome, execute
from flows.exit_status import BAD_INPUT, DONE, STOPPED, TOO_MANY_FAILED
from flows.runners.seam import Fault
from flows.session.failed_blocks import block_failure_lines
from tasks.report.leaderboard.reading import leaderboard_lines
from tasks.report.terminal import overview_lines
from tasks.run_files.naming import plan_key
from tasks.run_files.suggested_commands import ilime_command
from tasks.runs.run import Run, open_run
from tasks.spec import ExplainParameters
from tasks.stages.measure.plan import plan_measurement
from tasks.storage.storage import StorageError

__all__ = ["exit_status", "launch_explain", "launch_measure"]


def launch_explain(
    parameters: ExplainParameters, *, retry_failed: bool = False, server: LocalServer | None = None
) -> int:
    """Run or resume a benchmark and print its summary.

    Parameters
    ----------
    parameters
        The spec.
    retry_failed
        Try failed items again, as a run of its own.
    server
        Local server that was started ahead, if there is one.

    Returns
    -------
    int
        Exit status.
    """
    outcome = execute("explain", parameters, Console(stderr=True), retry_failed=retry_failed, server=server)
    if not outcome.finished:
        return exit_status(outcome, parameters)
    run = open_run(outcome.run.root, outcome.run.run_id)
    if outcome.computed == 0:
        tried = ", and no item of it failed" * retry_failed
        click.echo(f"nothing to compute: run {run.run_id} is finished{tried}")
    print_lines(overview_lines(run))
    click.echo(f"tables: {run.root}")
    click.echo(f"look at it: {ilime_command('show', run.run_id, '--root', run.root)}")
    click.echo(f"pages of it: {ilime_command('report', run.run_id, '--root', run.root)}")
    return exit_status(outcome, parameters, run)


def launch_measure(parameters: ExplainParameters, server: LocalServer | None = None) -> int:
    """Measure a finished run and say where the rows are.

    Parameters
    ----------
    parameters
        The spec.
    server
        Local server that was started ahead, if there is one.

    Returns
    -------
    int
        Exit status.
    """
    outcome = execute("measure", parameters, Console(stderr=True), server=server)
    if outcome.finished:
        if outcome.computed == 0:
            click.echo(f"nothing to compute: run {outcome.run.run_id} has been measured like this before")
        print_lines(_leaderboard(outcome, parameters))
        click.echo(
            "tables faithfulness, curves, leaderboard, method_differences, selections and selection_curves: "
            f"{outcome.run.root}"
        )
        report = ilime_command("report", outcome.run.run_id, "--root", outcome.run.root)
        click.echo(f"look at it: {report}")
    return exit_status(outcome, parameters)


def _leaderboard(outcome: Outcome, parameters: ExplainParameters) -> list[str]:
    """Methods by metrics of this measurement; empty where nothing was measured."""
    if not parameters.faithfulness.measures:
        return []
    plan = plan_measurement(outcome.run, parameters.faithfulness)
    run = open_run(outcome.run.root, outcome.run.run_id)
    return leaderboard_lines(run, plan.measure_id) if plan.blocks else []


def _what_resumes(outcome: Outcome) -> str:
    """How to go on; a folder that was removed, or a disk that is not there any more, comes first."""
    run = outcome.run
    with suppress(StorageError):
        if not run.storage.exists(plan_key(run.run_id)):
            return (
                f"{run.root} has lost the plan of this run while it was at work: was it removed, or is its"
                " disk gone? What comes back is resumed by the same command, which else begins anew"
            )
    return "nothing committed is lost: the same command resumes"


def _why_stopped(outcome: Outcome, faults: AbstractSet[Fault]) -> str:
    """Why a start ended before its end, and how to go on."""
    if Fault.DAMAGE in faults:
        return "stopped, because stored files are damaged: the lines above name them and what to do"
    if Fault.BUG in faults:
        return f"{bug_report(outcome.log_file)}; {_what_resumes(outcome)}"
    return f"stopped before the end; {_what_resumes(outcome)}"


def exit_status(outcome: Outcome, parameters: ExplainParameters, run: Run | None = None) -> int:
    """Exit status of a start; its reason is logged.

    Parameters
    ----------
    outcome
        End of the start.
    parameters
        Spec with the tolerated share of failures.
    run
        The run if it is finished.

    Returns
    -------
    int
        0 done, 1 more items failed than tolerated, 2 bad input, 3 stopped before the end.
    """
    log = LogLines(Console(stderr=True), outcome.run.run_id)

    def say(line: str) -> None:
        log.say(Line("ended", line, "error"))

    for line in block_failure_lines(outcome.failures):
        log.say(line)
    if outcome.stopped or outcome.failures:
        faults = {failure.fault for failure in outcome.failures}
        if faults == {Fault.INPUT}:
            return BAD_INPUT
        say(f"ilime: {_why_stopped(outcome, faults)}")
        return STOPPED
    if run is None:
        return DONE
    failed = failures_of(run)
    for line in failure_lines(failed, f"{run.root}/failures/run_id={run.run_id}"):
        log.say(Line("failed", line, "warning"))
    n_items = outcome.run.plan.n_entries
    if len(failed) > parameters.failures.tolerate * n_items:
        say(
            f"ilime: {len(failed)} of {n_items} items failed, tolerated are "
            f"{parameters.failures.tolerate:.1%} (failures.tolerate); all else is explained"
        )
        return TOO_MANY_FAILED
    return DONE
