"""Work of a run's blocks, in the unit of their stage: items, encodes, pairs."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from ilime_core.modality import Modality
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import ItemBlock, MatchPlan, OpaqueBlock, PairBlock, SweepTile, match_plan
from tasks.run_files.naming import check_stage
from tasks.run_files.plan import OpenRun
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import score_encodes, seen_words
from tasks.stages.match.opaque_blocks import STAGE, TYPICAL_WORDS
from tasks.stages.measure.plan import MeasurePlan, measure_plan
from tasks.stages.select.plan import SelectPlan, select_plan
from tasks.tables.row_filters import among

__all__ = ["SAMPLED", "StageSizes"]

SAMPLED = ("measure", "select")
"""Stages whose work is known in pairs: what these share is only known when they are encoded."""
COUNTED_TEXTS = 5_000
"""Most texts of a block whose masks are drawn only to be counted."""


_PLANNED: Mapping[str, Callable[[MatchPlan], Sequence[ItemBlock | PairBlock | SweepTile | OpaqueBlock]]] = {
    "segment": lambda plan: plan.item_blocks,
    "score": lambda plan: plan.item_blocks,
    "fit": lambda plan: plan.pair_blocks,
    "sweep": lambda plan: plan.sweep_tiles,
    STAGE: lambda plan: plan.opaque_blocks,
}
"""Blocks that match has fixed, by stage."""


class StageSizes:
    """Totals for progress; encodes of images are those of the wanted number of segments."""

    def __init__(self, run: OpenRun) -> None:
        self._run = run
        self._sizes: dict[tuple[str, int], int] = {}

    def total(self, stage: str) -> tuple[int, str]:
        """Work of a stage and its unit; 0 where it is not worth a line, or not known."""
        return sum(self.block(stage, block) for block in self.blocks(stage)), self._unit(stage)

    def work(self, stage: str) -> Counter[str]:
        """Work of a stage by the units that its blocks report: images and texts apart."""
        found: Counter[str] = Counter()
        for block in self.blocks(stage):
            found[self.unit(stage, block)] += self.block(stage, block)
        return found

    def unit(self, stage: str, block: int) -> str:
        """Unit in which a block reports its work.

        Parameters
        ----------
        stage
            Name of the stage.
        block
            Number of the block.

        Returns
        -------
        str
            ``images``, ``texts``, ``items`` or ``pairs``.
        """
        if stage == "embed":
            return f"{self._run.plan.embed_blocks[block].modality}s"
        if stage == "score":
            return f"{match_plan(self._run).item_blocks[block].modality}s"
        return self._unit(stage)

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

    def blocks(self, stage: str) -> list[int]:
        """Blocks of a stage; none where they are not worth a line."""
        if stage == "embed":
            return [block.block for block in self._run.plan.embed_blocks]
        if check_stage(stage) in SAMPLED:
            return [block.block for block in self._sampled(stage).blocks]
        planned = _PLANNED.get(stage)
        return [one.block for one in planned(match_plan(self._run))] if planned else []

    def _count(self, stage: str, block: int) -> int:
        if check_stage(stage) in SAMPLED:
            return len(self._sampled(stage).blocks[block].pair_ids)
        return self._counters.get(stage, lambda _: 0)(block)

    def _unit(self, stage: str) -> str:
        units = {"embed": "encodes", "score": "encodes", "segment": "items"}
        return units.get(stage, "pairs")

    def _sampled(self, stage: str) -> MeasurePlan | SelectPlan:
        kind, _, name = stage.partition("-")
        return measure_plan(self._run, name) if kind == "measure" else select_plan(self._run, name)

    @cached_property
    def _counters(self) -> dict[str, Callable[[int], int]]:
        return {
            "embed": lambda block: self._run.plan.embed_blocks[block].n_entries,
            "segment": lambda block: len(match_plan(self._run).item_blocks[block].item_ids),
            "score": lambda block: self._encodes(match_plan(self._run).item_blocks[block]),
            "sweep": lambda block: match_plan(self._run).sweep_tiles[block].n_pairs,
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
