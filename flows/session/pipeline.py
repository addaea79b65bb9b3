"""Order of the stages, the same for every runner."""

from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from functools import partial

from flows.runners.seam import BlockFailure, Runner, StageBody, StageWork
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.spec import FaithfulnessParameters, SelectionParameters
from tasks.stages.all_pairs.gather import gather_block
from tasks.stages.all_pairs.sweep import sweep_block
from tasks.stages.block_report import BlockReport
from tasks.stages.embed import embed_block
from tasks.stages.finish import finish_block
from tasks.stages.fit.fit import fit_block
from tasks.stages.fit_opaque.fit_opaque import fit_opaque_block
from tasks.stages.match.match import match_block
from tasks.stages.match.opaque_blocks import STAGE
from tasks.stages.measure.measure import measure_block
from tasks.stages.measure.plan import plan_measurement
from tasks.stages.rank.rank import rank_block
from tasks.stages.score.score import score_block
from tasks.stages.segment.segment import segment_block
from tasks.stages.select.plan import plan_selection, selects
from tasks.stages.select.select import select_block
from tasks.stages.summarise.summarise import summarise_block

__all__ = ["Pipeline"]


class Pipeline:
    """Runs the stages of one run and stops at the first that leaves a block undone.

    Parameters
    ----------
    run
        The frozen plan.
    runner
        Who runs the blocks.
    on_stage
        Called with the name of a stage before it starts.
    on_report
        Called with the report of every committed block.
    is_stopped
        Whether no further stage may start.
    committed
        (stage, block) of what is committed; ``on_report`` is expected to fill it.
    """

    def __init__(
        self,
        run: OpenRun,
        runner: Runner,
        *,
        on_stage: Callable[[str], None],
        on_report: Callable[[BlockReport], None],
        is_stopped: Callable[[], bool],
        committed: AbstractSet[tuple[str, int]],
    ) -> None:
        self._run = run
        self._runner = runner
        self._on_stage = on_stage
        self._on_report = on_report
        self._is_stopped = is_stopped
        self._committed = committed

    def explain(
        self,
        faithfulness: FaithfulnessParameters,
        selection: SelectionParameters,
        on_match: Callable[[], None] = lambda: None,
    ) -> list[BlockFailure]:
        """Run all stages in order.

        Parameters
        ----------
        faithfulness
            What stage measure does.
        selection
            What stage select does.
        on_match
            Called as soon as R@k is known.

        Returns
        -------
        list[BlockFailure]
            Failures of the stage that ended the run; empty if all blocks are committed or a stop was
            requested.
        """
        plan = self._run.plan
        if failed := self._encode("embed", embed_block, [block.block for block in plan.embed_blocks]):
            return failed
        if failed := self._stage("match", match_block, [0]):
            return failed
        if not self._is_stopped():
            on_match()
        if failed := self._score_and_fit():
            return failed
        if failed := self._sweep() or self._stage("summarise", summarise_block, [0]):
            return failed
        if failed := self.measure(faithfulness) or self.select(selection):
            return failed
        return self._stage("finish", finish_block, [0])

    def measure(self, faithfulness: FaithfulnessParameters) -> list[BlockFailure]:
        """Metrics of a sample of pairs, and the leaderboard that follows from them."""
        if not faithfulness.measures or self._is_stopped():
            return []
        measurement = plan_measurement(self._run, faithfulness)
        failed = self._encode(
            measurement.stage,
            partial(measure_block, measurement.measure_id),
            [block.block for block in measurement.blocks],
            limit=1,
        )
        rank = partial(rank_block, measurement.measure_id)
        return failed or self._stage(measurement.rank_stage, rank, [0])

    def select(self, selection: SelectionParameters) -> list[BlockFailure]:
        """Subsets of segments of a sample of pairs."""
        if not selects(selection) or self._is_stopped():
            return []
        plan = plan_selection(self._run, selection)
        return self._encode(
            plan.stage,
            partial(select_block, plan.selection_id),
            [block.block for block in plan.blocks],
            limit=1,
        )

    def _score_and_fit(self) -> list[BlockFailure]:
        """Segments ahead of scores, and a pair block as soon as the item blocks that it reads are scored."""
        if self._is_stopped():
            return []
        blocks = match_plan(self._run)
        items = tuple(block.block for block in blocks.item_blocks)
        reads = {block.block: block.reads for block in blocks.pair_blocks}
        done = self._committed
        works = [
            StageWork("segment", segment_block, items),
            StageWork(
                "score",
                score_block,
                items,
                ready=lambda block: ("segment", block) in done,
                limit=1,
                encodes=True,
            ),
            StageWork(
                "fit",
                fit_block,
                tuple(reads),
                ready=lambda block: all(("score", item) in done for item in reads[block]),
            ),
        ]
        return self._work([*works, *self._opaque()])

    def _sweep(self) -> list[BlockFailure]:
        """Every pair of the corpus, where asked for: tiles, then what they add up to."""
        if self._is_stopped() or not (tiles := match_plan(self._run).sweep_tiles):
            return []
        failed = self._stage("sweep", sweep_block, [tile.block for tile in tiles])
        return failed or self._stage("gather", gather_block, [0])

    def _opaque(self) -> list[StageWork]:
        """Pairs that are scored one by one: read-outs wait for embeddings, other scorers for segments."""
        blocks = {block.block: block.reads for block in match_plan(self._run).opaque_blocks}
        awaited = "score" if self._run.plan.parameters.opaque.reads_embeddings else "segment"
        done = self._committed
        work = StageWork(
            STAGE,
            fit_opaque_block,
            tuple(blocks),
            ready=lambda block: all((awaited, item) in done for item in blocks[block]),
            limit=1,
            encodes=True,
        )
        return [work] if blocks else []

    def _stage(self, stage: str, body: StageBody, blocks: Sequence[int]) -> list[BlockFailure]:
        return self._work([StageWork(stage, body, tuple(blocks))])

    def _encode(
        self, stage: str, body: StageBody, blocks: Sequence[int], limit: int | None = None
    ) -> list[BlockFailure]:
        return self._work([StageWork(stage, body, tuple(blocks), limit=limit, encodes=True)])

    def _work(self, works: Sequence[StageWork]) -> list[BlockFailure]:
        if self._is_stopped():
            return []
        for work in works:
            self._on_stage(work.stage)
        return self._runner.run_pipeline(works, self._run.root, self._run.run_id, self._on_report)
