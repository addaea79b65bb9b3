"""One start of a run: its plan, what it has done so far, and what a person sees of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from rich.console import Console

from flows.cluster import Cluster
from flows.pipeline import Pipeline
from flows.progress import RunProgress, StageProgress
from flows.runners import BlockFailure, Runner
from flows.signals import StopSignals
from flows.summary import retrieval_lines
from flows.tally import Tally
from tasks.match_plan import match_plan
from tasks.measure_plan import plan_measurement
from tasks.parameters import ExplainParameters
from tasks.plan import OpenRun
from tasks.progress import set_listener
from tasks.reports import BlockReport
from tasks.runs import open_run
from tasks.stage_sizes import StageSizes

__all__ = ["Session"]


@dataclass(slots=True)
class Session:
    """What one start of ``explain`` or ``measure`` holds.

    Attributes
    ----------
    kind
        ``explain`` or ``measure``.
    on_block
        Called with every report, beside the progress on the terminal.
    cluster
        Where the blocks run; None if in this process.
    error
        What ended the flow itself, as no failed block does.
    """

    kind: str
    run: OpenRun
    parameters: ExplainParameters
    stop: StopSignals
    console: Console
    cluster: Cluster | None = None
    started: datetime = field(default_factory=lambda: datetime.now(UTC))
    tally: Tally = field(default_factory=Tally)
    failures: list[BlockFailure] = field(default_factory=list)
    retries: int = 0
    flow_run: str | None = None
    error: Exception | None = None
    on_block: list[Callable[[BlockReport], None]] = field(default_factory=list)
    _lines: dict[str, StageProgress] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Name of the flow run: corpus and run id."""
        corpus = self.parameters.label or self.parameters.corpus.format
        return f"{corpus}-{self.run.run_id}"

    @property
    def n_blocks(self) -> int:
        """Blocks of this start as far as they are known: match fixes those after it."""
        if self.kind == "measure":
            return self._n_measured
        embed = len(self.run.plan.embed_blocks)
        if ("match", 0) not in self.tally.committed:
            return embed + 1
        plan = match_plan(self.run)
        return embed + 1 + 2 * len(plan.item_blocks) + len(plan.pair_blocks) + self._n_measured + 2

    @property
    def _n_measured(self) -> int:
        faithfulness = self.parameters.faithfulness
        if not faithfulness.metrics or not faithfulness.sample:
            return 0
        return len(plan_measurement(self.run, faithfulness).blocks)

    def work(self, runner: Runner) -> list[BlockFailure]:
        """Run all stages with a runner, progress on the console."""
        sizes = StageSizes(self.run)
        with RunProgress(self.console) as progress:
            set_listener(progress.listen)
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
                    self.failures = pipeline.measure(self.parameters.faithfulness)
                else:
                    self.failures = pipeline.explain(self.parameters.faithfulness, self._say_retrieval)
            finally:
                set_listener(None)
                self.retries = runner.retries
        return self.failures

    def _open(self, progress: RunProgress, sizes: StageSizes, stage: str) -> None:
        total, unit = sizes.total(stage)
        if total:
            self._lines[stage] = progress.stage(stage, total, unit)

    def _settle(self, sizes: StageSizes, report: BlockReport, *, counted: bool) -> None:
        """Take in a report; ``counted`` where the line has heard of the block's encodes one by one."""
        self.tally.add(report)
        line = self._lines.get(report.stage)
        if line is not None:
            if report.adopted or report.reused:
                line.reuse(sizes.block(report.stage, report.block))
            elif not counted:
                line.advance(sizes.block(report.stage, report.block))
            if report.failed:
                line.fail(report.failed)
        for listener in self.on_block:
            listener(report)

    def _say_retrieval(self) -> None:
        for line in retrieval_lines(open_run(self.run.root, self.run.run_id)):
            self.console.print(line, markup=False, highlight=False, soft_wrap=True)
