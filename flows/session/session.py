"""One start of a run: its plan, what it has done so far, and what a person sees of it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from flows.console.block_lines import block_counts, block_failures, block_line
from flows.console.log_lines import Line, LogLines
from flows.console.progress import RunProgress, StageProgress
from flows.console.run_clock import RunClock
from flows.console.signals import StopSignals
from flows.console.summary import retrieval_lines
from flows.runners.cluster import Cluster
from flows.runners.seam import BlockFailure, Runner
from flows.session.failed_blocks import keep_failures
from flows.session.outcome import Outcome
from flows.session.pipeline import Pipeline
from flows.session.tally import StartTally
from tasks.forecast.run_work import later_work
from tasks.forecast.stage_sizes import SAMPLED, StageSizes
from tasks.process.collector import resume_collector
from tasks.run_files.match_plan import match_plan
from tasks.run_files.naming import check_stage
from tasks.run_files.plan import OpenRun
from tasks.runs.run import open_run
from tasks.spec import ExplainParameters
from tasks.stages.block_report import BlockReport
from tasks.stages.measure.cost import listing_of
from tasks.stages.measure.plan import plan_measurement
from tasks.stages.progress import set_listener
from tasks.stages.select.plan import plan_selection, selects

__all__ = ["Session", "run_name"]


def run_name(parameters: ExplainParameters, run_id: str) -> str:
    """Name of a flow run: corpus and run id.

    Parameters
    ----------
    parameters
        Spec with label and corpus.
    run_id
        Id of the run.

    Returns
    -------
    str
        ``label-run_id``; without a label the corpus's format is taken.
    """
    return f"{parameters.label or parameters.corpus.format}-{run_id}"


@dataclass(slots=True)
class Session:
    """State of one start of ``explain`` or ``measure``.

    Attributes
    ----------
    kind
        ``explain`` or ``measure``.
    task_runs
        Task runs that the history of the flow should show in the end.
    on_block
        Called with every report, beside the progress on the terminal.
    cluster
        Where the blocks run; None if in this process.
    worked
        Whether all stages were gone through, or a request to stop has ended them.
    error
        What ended the flow itself, as no failed block does.
    log_file
        Where the tracebacks of failed blocks are; None where there are none.
    """

    kind: str
    run: OpenRun
    parameters: ExplainParameters
    stop: StopSignals
    log: LogLines
    cluster: Cluster | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    tally: StartTally = field(default_factory=StartTally)
    failures: list[BlockFailure] = field(default_factory=list)
    retries: int = 0
    task_runs: int = 0
    flow_run: str | None = None
    worked: bool = False
    error: Exception | None = None
    log_file: Path | None = None
    on_block: list[Callable[[BlockReport], None]] = field(default_factory=list)
    _lines: dict[str, StageProgress] = field(default_factory=dict)
    _clock: RunClock = field(default_factory=RunClock)
    _later: Mapping[str, Mapping[str, float]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the flow run: corpus and run id."""
        return run_name(self.parameters, self.run.run_id)

    @property
    def outcome(self) -> Outcome:
        """End of this start."""
        return Outcome(
            self.run, self.tally.computed, tuple(self.failures), self.stop.requested, self.log_file
        )

    @property
    def n_blocks(self) -> int:
        """Blocks of this start as far as they are known: match fixes those after it."""
        if self.kind == "measure":
            return self._n_measured
        embed = len(self.run.plan.embed_blocks)
        if ("match", 0) not in self.tally.committed:
            return embed + 1
        plan = match_plan(self.run)
        pairs = len(plan.pair_blocks) + len(plan.opaque_blocks)
        swept = len(plan.sweep_tiles) + bool(plan.sweep_tiles)
        return embed + 1 + 2 * len(plan.item_blocks) + pairs + swept + self._n_measured + 2

    @property
    def _n_measured(self) -> int:
        faithfulness, selection = self.parameters.faithfulness, self.parameters.selection
        blocks = 0
        if faithfulness.measures:
            blocks += len(plan_measurement(self.run, faithfulness).blocks) + 1  # and the leaderboard
        if selects(selection):
            blocks += len(plan_selection(self.run, selection).blocks)
        return blocks

    def work(self, runner: Runner) -> list[BlockFailure]:
        """Run all stages with a runner, progress on the terminal or in the log."""
        resume_collector()
        sizes = StageSizes(self.run)
        with RunProgress(self.log, whole=self._clock) as progress:
            set_listener(progress.listen)
            runner.on_fault = self._say_fault
            pipeline = Pipeline(
                self.run,
                runner,
                on_stage=lambda stage: self._open(progress, sizes, stage),
                on_report=lambda report: self._settle(sizes, report, counted=runner.in_process),
                is_stopped=lambda: self.stop.requested,
                committed=self.tally.committed,
            )
            try:
                if self.kind == "measure":
                    measured = pipeline.measure(self.parameters.faithfulness)
                    self.failures = measured or pipeline.select(self.parameters.selection)
                else:
                    self.failures = pipeline.explain(
                        self.parameters.faithfulness, self.parameters.selection, self._say_retrieval
                    )
            finally:
                set_listener(None)
                self.retries = runner.retries
        self.worked = True
        self.log_file = keep_failures(self.run.run_id, self.failures)
        return self.failures

    def _open(self, progress: RunProgress, sizes: StageSizes, stage: str) -> None:
        if not self._later:
            asked = {"faithfulness": self.parameters.faithfulness, "selection": self.parameters.selection}
            self._later = later_work(listing_of(self.run, asked))
            for later, work in self._later.items():
                if later in SAMPLED or self.kind == "explain":
                    self._clock.expect(later, work)
        total, unit = sizes.total(stage)
        if total:
            self._lines[stage] = progress.stage(stage, total, unit)
            if check_stage(stage) not in SAMPLED:
                self._clock.expect(stage, sizes.work(stage))

    def _settle(self, sizes: StageSizes, report: BlockReport, *, counted: bool) -> None:
        """Take in a report; ``counted`` where the line has heard of the block's encodes one by one."""
        self.tally.add(report)
        line = self._lines.get(report.stage)
        if line is not None:
            expected, unit = sizes.block(report.stage, report.block), sizes.unit(report.stage, report.block)
            sampled = check_stage(report.stage) in SAMPLED
            if report.found_committed or report.counts.reused:
                line.reuse(expected)
            elif sampled or not counted:
                line.advance(expected)
            if report.counts.failed:
                line.fail(report.counts.failed)
            if report.found_committed or report.counts.reused:
                self._clock.skip(report.stage, unit, expected)
            elif not sampled and not counted:
                self._clock.advance(report.stage, unit, expected)
            self._expect_rest(sizes, report.stage)
        self._note(report)
        for listener in self.on_block:
            listener(report)

    def _expect_rest(self, sizes: StageSizes, stage: str) -> None:
        """Expect of sampled pairs what is usual for those left, and nothing of a stage at its end."""
        left = [block for block in sizes.blocks(stage) if (stage, block) not in self.tally.committed]
        if not left:
            self._lines[stage].close()
            self._clock.close(stage)
        elif check_stage(stage) in SAMPLED:
            share = sum(sizes.block(stage, block) for block in left) / sizes.total(stage)[0]
            work = self._later[check_stage(stage)]
            self._clock.expect(stage, {unit: share * n for unit, n in work.items()})

    def _say_fault(self, failure: BlockFailure) -> None:
        named = f"{failure.stage}, block {failure.block}"
        line = Line("block-retried", "", "warning", failure.stage, failure.block)
        message, public = (f"{named}: {said}; tried again" for said in (failure.message, failure.public))
        self.log.say(replace(line, message=" ".join(message.split()), public=public))

    def _note(self, report: BlockReport) -> None:
        line = Line("block", block_line(report), stage=report.stage, block=report.block)
        self.log.note(replace(line, counts=block_counts(report)))
        for failure in block_failures(self.run.root, self.run.run_id, report):
            message = f"{failure.reason}: {failure.message}"
            named = replace(line, item_id=failure.item_id, entry=failure.entry, public=str(failure.reason))
            self.log.note(replace(named, event="item-failed", message=message, level="warning"))

    def _say_retrieval(self) -> None:
        for line in retrieval_lines(open_run(self.run.root, self.run.run_id)):
            self.log.say(Line("retrieval", line, stage="match"))
