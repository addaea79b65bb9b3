"""Work of a run's blocks, in the unit of their stage: items, encodes, pairs."""

from collections.abc import Callable
from functools import cached_property

from ilime_core.records import Modality
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import ItemBlock, match_plan
from tasks.run_files.naming import check_stage
from tasks.run_files.plan import OpenRun
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import score_encodes, seen_words
from tasks.stages.match.opaque_blocks import STAGE, TYPICAL_WORDS
from tasks.stages.measure.budget import encodes_of_item, refit_encodes
from tasks.stages.measure.plan import MeasurePlan, measure_plan
from tasks.tables.row_filters import among

__all__ = ["StageSizes"]

COUNTED_TEXTS = 5_000
"""Most texts of a block whose masks are drawn only to be counted."""


class StageSizes:
    """Totals for progress; encodes of images are those of the wanted number of segments."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._sizes: dict[tuple[str, int], int] = {}

    def total(self, stage: str) -> tuple[int, str]:
        """Work of a stage and its unit; 0 where it is not worth a line, or not known."""
        blocks, unit = self._blocks(stage)
        return sum(self.block(stage, block) for block in blocks), unit

    def block(self, stage: str, block: int) -> int:
        """Work of one block.

        Parameters
        ----------
        stage
            Name of the stage.
        block
            Number of the block.

        Returns
        -------
        int
            Work in the stage's unit; counted once and kept.
        """
        if (stage, block) not in self._sizes:
            self._sizes[stage, block] = self._count(stage, block)
        return self._sizes[stage, block]

    def _count(self, stage: str, block: int) -> int:
        if check_stage(stage) == "measure":
            return self._measure_encodes(self._measured(stage), block)
        return self._counters.get(stage, lambda _: 0)(block)

    def _blocks(self, stage: str) -> tuple[list[int], str]:
        if stage == "embed":
            return [block.block for block in self._run.plan.embed_blocks], "encodes"
        if stage in {"segment", "score"}:
            unit = "items" if stage == "segment" else "encodes"
            return [block.block for block in match_plan(self._run).item_blocks], unit
        if stage == "fit":
            return [block.block for block in match_plan(self._run).pair_blocks], "pairs"
        if stage == STAGE:
            return [block.block for block in match_plan(self._run).opaque_blocks], "pairs"
        if check_stage(stage) == "measure":
            return [block.block for block in self._measured(stage).blocks], "encodes"
        return [], ""

    def _measure_encodes(self, plan: MeasurePlan, block: int) -> int:
        """Estimate for pairs of usual size that share no item, until the block is done."""
        own = self._run.plan.parameters.model_copy(update={"faithfulness": plan.parameters})
        sizes = {Modality.IMAGE: own.segmentation.image.n_segments, Modality.TEXT: TYPICAL_WORDS}
        ids = plan.blocks[block].pair_ids
        refits = refit_encodes(own, ((kind.value, size) for kind, size in sizes.items()))
        each = sum(encodes_of_item(plan.parameters, size, len(plan.estimators)) for size in sizes.values())
        return len(ids) * each + len({*ids} & {*plan.refitted}) * refits

    def _measured(self, stage: str) -> MeasurePlan:
        return measure_plan(self._run, stage.removeprefix("measure-"))

    @cached_property
    def _counters(self) -> dict[str, Callable[[int], int]]:
        return {
            "embed": lambda block: self._run.plan.embed_blocks[block].n_entries,
            "segment": lambda block: len(match_plan(self._run).item_blocks[block].item_ids),
            "score": lambda block: self._encodes(match_plan(self._run).item_blocks[block]),
            "fit": lambda block: match_plan(self._run).pair_blocks[block].n_pairs,
            STAGE: lambda block: len(match_plan(self._run).opaque_blocks[block].pairs),
        }

    def _encodes(self, block: ItemBlock) -> int:
        parameters = self._run.plan.parameters
        modality = Modality(block.modality)
        draw = MaskDraw.of(modality, parameters)
        if modality is Modality.TEXT and len(block.item_ids) > COUNTED_TEXTS:
            return draw.about(TYPICAL_WORDS) * len(block.item_ids)
        rows = read_rows(
            self._run.storage,
            self._run.commits("embed", block.reads),
            "items",
            ["sha256", "text"],
            among("item_id", block.item_ids),
        ).to_pylist()
        bounds = parameters.segmentation
        if modality is Modality.IMAGE:
            return sum(score_encodes(draw, row["sha256"], bounds.image.n_segments) for row in rows)
        return sum(score_encodes(draw, row["sha256"], seen_words(row["text"], bounds)) for row in rows)
