"""From parameters to a finished run: plan, engine, stages, the row in ``executions``."""

import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial

from rich.console import Console

from flows.console.cost_lines import cost_lines
from flows.console.log_lines import Line, LogLines
from flows.console.signals import StopSignals
from flows.engine.local_server import LocalServer
from flows.runners.choice import make_runner, opened_cluster
from flows.runners.cluster import Cluster
from flows.runners.preflight import check_workers
from flows.session.outcome import Outcome
from flows.session.session import Session
from ilime_core.errors import InputError
from tasks.corpora.rejections import rejected_line
from tasks.forecast.auto_precision import SettledPrecision, settle_precision
from tasks.forecast.precision_trial import TrialRequest, try_precisions
from tasks.forecast.trial_memory import PrecisionTrial
from tasks.planning.attempts import finished_attempt, finished_before, newest_attempt, next_attempt
from tasks.planning.draft import Draft, draft_plan, freeze_plan
from tasks.planning.run_changes import describe_changes
from tasks.process.collector import resume_collector
from tasks.process.models import encoder_of, resolve_model
from tasks.process.scorers import resolve_scorer
from tasks.run_files.committed import read_commit
from tasks.run_files.executions import ExecutionRow, append_execution, record_left_rows
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.garbage_collection import collect_garbage
from tasks.run_files.plan import OpenRun, ResolvedModel
from tasks.runs.verify import check_whole
from tasks.spec import ExplainParameters, ModelParameters, OpaqueParameters
from tasks.stages.measure.cost import listing_of, resolved_faithfulness
from tasks.storage.access import WithAccess
from tasks.storage.storage import StorageError

__all__ = ["Outcome", "build_ahead", "execute", "execute_with"]


def execute(
    kind: str,
    parameters: ExplainParameters,
    console: Console,
    *,
    retry_failed: bool = False,
    server: LocalServer | None = None,
) -> Outcome:
    """Run or resume ``explain`` or ``measure``.

    Parameters
    ----------
    kind
        ``explain`` or ``measure``.
    parameters
        The spec.
    console
        Shows progress and log lines.
    retry_failed
        ``explain`` tries the items that failed in a finished run again, as a run of its own.
    server
        Local server that was started ahead; None starts one when there is something to compute.

    Returns
    -------
    Outcome
        End of this start.

    Raises
    ------
    InputError
        If the spec cannot be planned, or ``measure`` finds no finished run of it.
    """
    stop = StopSignals(
        farewell="ilime: stopped; nothing committed is lost: start the same command again to resume",
        say=partial(console.print, markup=False, highlight=False) if console.is_terminal else None,
    )
    work = partial(_work, server)
    try:
        return execute_with(kind, parameters, LogLines(console), stop, work, retry_failed=retry_failed)
    finally:
        resume_collector()  # of a start that had nothing to compute


def execute_with(
    kind: str,
    parameters: ExplainParameters,
    log: LogLines,
    stop: StopSignals,
    work: Callable[[Session], None],
    *,
    retry_failed: bool = False,
) -> Outcome:
    """Plan, run the stages of the session by ``work``, and record the outcome; otherwise as `execute`.

    Parameters
    ----------
    kind, parameters, retry_failed
        As in `execute`.
    log
        Destination of log lines.
    stop
        Request to stop, set by signals.
    work
        Runs the stages of a session.

    Returns
    -------
    Outcome
        End of this start.
    """
    with stop.handling(), opened_cluster(parameters.runner) as cluster, stop.rearmed():
        with stop.planning():  # a trial of precisions may take long
            draft = _draft(parameters, log, cluster)
            settled = _settled(draft, log, cluster, may_try=kind == "explain")
        run = _frozen(_attempt(settled.draft, kind, retry_failed=retry_failed), log)
        if settled.why:
            log.of_run(run.run_id).say(Line("precision", settled.why))
        if is_finished(run):
            listed = check_whole(run.storage, run.run_id, expected_blocks(run))
            if kind == "explain":
                # An earlier start may have died right behind its last record, or before that of its own row.
                record_left_rows(run.storage, run.run_id)
                collect_garbage(run.storage, run.run_id, listed)
                return Outcome(run, 0, (), stopped=False)
        parameters = _resolved(run, parameters, log.of_run(run.run_id))
        session = Session(kind, run, parameters, stop, log.of_run(run.run_id), cluster)
        try:
            work(session)
        finally:
            _record(session)
    if kind == "measure" and session.outcome.wrote:
        collect_garbage(run.storage, run.run_id)  # finish, which does so for explain, is long over
    return session.outcome


def _resolved(run: OpenRun, parameters: ExplainParameters, log: LogLines) -> ExplainParameters:
    """The spec with its sample of measured pairs as a number; says what measuring and selecting cost."""
    asked = parameters.faithfulness
    resolved = resolved_faithfulness(listing_of(run, {"faithfulness": asked}))
    listed = listing_of(run, {"faithfulness": resolved, "selection": parameters.selection})
    for line in cost_lines(listed, asked):
        log.say(Line("cost", line))
    return parameters.model_copy(update={"faithfulness": resolved})


def is_finished(run: OpenRun) -> bool:
    """Whether a run's last record exists."""
    return read_commit(run.storage, run.run_id, "finish", 0) is not None


def _draft(parameters: ExplainParameters, log: LogLines, cluster: Cluster | None) -> Draft:
    resolve: Callable[[ModelParameters], ResolvedModel] = resolve_model
    resolve_pairs: Callable[[OpaqueParameters], str] = resolve_scorer
    if cluster is not None:
        resolve = partial(cluster.call, resolve_model)
        resolve_pairs = partial(cluster.call, resolve_scorer)
        with log.console.status(f"waiting for the workers of {parameters.runner.name}"):
            n_workers = check_workers(cluster, parameters)
        log.say(Line("workers", f"{parameters.runner.name}: workers that answer: {n_workers}"))
    with log.console.status("planning: listing the corpus and resolving the model"):
        return draft_plan(parameters, resolve, resolve_pairs)


def _settled(draft: Draft, log: LogLines, cluster: Cluster | None, *, may_try: bool) -> SettledPrecision:
    """The draft in its precision: on the machine that has the model, and only before its plan is frozen."""

    def ask(request: TrialRequest) -> PrecisionTrial | None:
        if cluster is None:
            return try_precisions(request)
        return cluster.call(_try_on_worker, (WithAccess(try_precisions), request))

    with log.console.status("planning: choosing the precision of the towers"):
        return settle_precision(draft, ask, may_try=may_try)


def _try_on_worker(
    asked: tuple[Callable[[TrialRequest], PrecisionTrial | None], TrialRequest],
) -> PrecisionTrial | None:
    """A function, because workers are sent nothing else; what it calls takes the stores' access along."""
    answer, request = asked
    return answer(request)


def _frozen(draft: Draft, log: LogLines) -> OpenRun:
    with log.console.status("planning: looking for what earlier runs have explained"):
        changes = describe_changes(draft)
        run = freeze_plan(draft)
    log = log.of_run(run.run_id)
    log.say(Line("planned", f"run {run.run_id} below {run.root}"))
    if changes:
        log.say(Line("changes", changes))
    if draft.merged:
        log.say(Line("merged", draft.merged))
    if draft.rejected:
        line = f"{rejected_line(draft.rejected)} (table failures has all)"
        log.say(Line("rejected", line, "warning"))
    return run


def _attempt(draft: Draft, kind: str, *, retry_failed: bool) -> Draft:
    if kind == "explain":
        return next_attempt(draft) if retry_failed else newest_attempt(draft)
    finished = finished_attempt(draft) or finished_before(draft)
    if finished is None:
        raise InputError(
            f"{draft.parameters.output}: the run of this spec, {draft.run_id}, is not finished; "
            "ilime explain runs it first"
        )
    return finished


def _work(server: LocalServer | None, session: Session) -> None:
    if session.parameters.runner.name == "inline":
        session.work(make_runner(session.parameters.runner, session.stop))
        return
    if session.cluster is None:
        build_ahead(session.run)
    from flows.engine.embedded_server import prefect_environment  # noqa: PLC0415 - inline never imports Prefect

    with prefect_environment(None, session.log.console, server):
        from flows.flow_runs.command_line_flows import run_as_flow  # noqa: PLC0415 - not before its environment stands

        run_as_flow(session)


def build_ahead(run: OpenRun) -> threading.Thread:
    """Build the model in a thread, while the server starts: each takes seconds.

    Parameters
    ----------
    run
        Frozen plan, whose blocks ask for the same model.

    Returns
    -------
    Thread
        At work; it may be forgotten. What goes wrong is said by the first block, which then builds anew.
    """

    def build() -> None:
        with suppress(Exception):
            encoder_of(run)

    thread = threading.Thread(target=copy_context().run, args=(build,), name="ilime-model", daemon=True)
    thread.start()
    return thread


def _record(session: Session) -> None:
    """Append one row to ``executions``, where a nightly trend is read; without it nothing else is lost."""
    try:
        append_execution(session.run, _row(session))
    except StorageError as error:
        said = f"ilime: this start has no row in executions: {' '.join(str(error).split())}"
        session.log.say(Line("execution-not-recorded", said, "warning"))


def _row(session: Session) -> ExecutionRow:
    tally = session.tally
    return ExecutionRow(
        kind=session.kind,
        started=session.started,
        status="stopped" if session.stop.requested else "partly_failed" if session.failures else "finished",
        runner=session.parameters.runner.name,
        counts=tally.counts,
        blocks_done=tally.computed,
        blocks_adopted=tally.found_committed,
        retries=session.retries,
        flow_run=session.flow_run,
    )
