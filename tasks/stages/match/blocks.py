"""Blocks of the stages after match: items to score, and tiles of the grid of pairs to fit."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from ilime_core.records import Modality
from ilime_core.retrieval.requests import PairRequest
from ilime_core.retrieval.selection import SelectedPairs, retrieval_errors
from ilime_core.retrieval.survey import Survey
from tasks.planning.reuse import find_effects_sources, split_by_source
from tasks.run_files.match_plan import ItemBlock, MatchPlan, OpaquePair, PairBlock, write_named_table
from tasks.run_files.naming import pair_id_of
from tasks.run_files.plan import OpenRun
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.match.opaque_blocks import TYPICAL_WORDS, opaque_blocks
from tasks.stages.match.tables import DIRECTIONS, Side
from tasks.stages.match.tile_order import along_curve

__all__ = ["assign_pairs", "margin_rows", "plan_blocks"]

MARGIN_GROUP = 4096
"""Rows of a row group of the margins' file: a block of pairs reads few of them."""


def margin_rows(surveys: tuple[Survey, Survey], request: PairRequest) -> list[dict[str, object]]:
    """Failed queries with the pair that should and the pair that did win."""
    rows: list[dict[str, object]] = []
    for survey, direction in zip(surveys, DIRECTIONS, strict=True):
        errors = retrieval_errors(survey, request)
        for query, good, bad in zip(
            errors.queries.tolist(),
            errors.right_candidates.tolist(),
            errors.wrong_candidates.tolist(),
            strict=True,
        ):
            q, g, b = (
                survey.pool.query_ids[query],
                survey.pool.candidate_ids[good],
                survey.pool.candidate_ids[bad],
            )
            ordered = ((q, g), (q, b)) if direction == DIRECTIONS[0] else ((g, q), (b, q))
            rows.append(
                {
                    "query_id": q,
                    "direction": direction,
                    "right_item_id": g,
                    "wrong_item_id": b,
                    "right_pair_id": pair_id_of(*ordered[0]),
                    "wrong_pair_id": pair_id_of(*ordered[1]),
                }
            )
    return rows


def plan_blocks(
    run: OpenRun, sides: tuple[Side, Side], pairs: SelectedPairs, margins: list[dict[str, object]]
) -> MatchPlan:
    """Blocks of the items of selected pairs, then tiles of the grid that those blocks span."""
    item_blocks = _item_blocks(run, sides, pairs)
    block_of = {name: block.block for block in item_blocks for name in block.item_ids}
    assigned = assign_pairs(pairs, sides, item_blocks, run.plan.parameters.blocks.pairs)
    for row in margins:
        row["block"] = assigned[str(row["wrong_pair_id"])]
    reads: dict[int, set[int]] = defaultdict(set)
    counts: dict[int, int] = defaultdict(int)
    for name, i, j in zip(pairs.pair_ids, pairs.left, pairs.right, strict=True):
        reads[assigned[name]] |= {block_of[sides[0].ids[i]], block_of[sides[1].ids[j]]}
        counts[assigned[name]] += 1
    for row in margins:  # the right candidate may live in a block that none of the block's pairs reads
        reads[int(str(row["block"]))].add(block_of[str(row["right_item_id"])])
    ordered = sorted(margins, key=lambda row: int(str(row["block"])))
    table = pa.Table.from_pylist(ordered, schema=_MARGIN_SCHEMA)
    return MatchPlan(
        item_blocks=tuple(item_blocks),
        pair_blocks=tuple(
            PairBlock(block=block, n_pairs=counts[block], reads=tuple(sorted(reads[block])))
            for block in sorted(counts)
        ),
        pairs_per_block=run.plan.parameters.blocks.pairs,
        margins=write_named_table(run.storage, run.run_id, "margins", table, MARGIN_GROUP),
        opaque_blocks=opaque_blocks(
            run.plan.parameters,
            (
                (
                    OpaquePair(pair_id=name, left_id=sides[0].ids[i], right_id=sides[1].ids[j]),
                    relation.value,
                )
                for name, i, j, relation in zip(
                    pairs.pair_ids, pairs.left, pairs.right, pairs.relations, strict=True
                )
            ),
            block_of,
        ),
    )


def _item_blocks(run: OpenRun, sides: tuple[Side, Side], pairs: SelectedPairs) -> list[ItemBlock]:
    groups = _groups(sides, pairs)
    held = {name: block for side in sides for name, block in zip(side.ids, side.embedded_in, strict=True)}
    sources = find_effects_sources(run, [name for group in groups for name in group.item_ids])
    item_blocks: list[ItemBlock] = []
    for group in groups:
        size = _items_per_block(run, group.modality)
        for source_run, places in split_by_source(group.item_ids, sources):
            chosen = [group.item_ids[place] for place in places]
            for start in range(0, len(chosen), size):
                item_ids = tuple(chosen[start : start + size])
                item_blocks.append(
                    ItemBlock(
                        block=len(item_blocks),
                        modality=group.modality.value,
                        item_ids=item_ids,
                        sides=group.sides,
                        source_run=source_run,
                        reads=tuple(sorted({held[name] for name in item_ids})),
                    )
                )
    return item_blocks


@dataclass(frozen=True, slots=True)
class _Group:
    """Items of selected pairs that stand on the same sides."""

    modality: Modality
    sides: tuple[Literal["left", "right"], ...]
    item_ids: tuple[str, ...]


def _groups(sides: tuple[Side, Side], pairs: SelectedPairs) -> list[_Group]:
    """Left items, those that stand on both sides, right items, each in the order of its side."""
    left, right = (
        [side.ids[i] for i in np.unique(indices)]
        for side, indices in zip(sides, (pairs.left, pairs.right), strict=True)
    )
    both = set(left) & set(right)
    groups = (
        _Group(sides[0].modality, ("left",), tuple(name for name in left if name not in both)),
        _Group(sides[0].modality, ("left", "right"), tuple(name for name in left if name in both)),
        _Group(sides[1].modality, ("right",), tuple(name for name in right if name not in both)),
    )
    return [group for group in groups if group.item_ids]


_MARGIN_SCHEMA = pa.schema(
    [(name, pa.string()) for name in ("query_id", "direction", "right_item_id", "wrong_item_id")]
    + [("right_pair_id", pa.string()), ("wrong_pair_id", pa.string()), ("block", pa.int32())]
)


def _items_per_block(run: OpenRun, modality: Modality) -> int:
    parameters = run.plan.parameters
    draw = MaskDraw.of(modality, parameters)
    image, blocks = modality is Modality.IMAGE, parameters.blocks
    each = draw.about(parameters.segmentation.image.n_segments if image else TYPICAL_WORDS)
    return max(1, (blocks.image_encodes if image else blocks.text_encodes) // each)


def assign_pairs(
    pairs: SelectedPairs, sides: tuple[Side, Side], item_blocks: Sequence[ItemBlock], size: int
) -> dict[str, int]:
    """Walk the tiles (left block, right block) along a curve and fill blocks of ``size`` pairs."""
    block_of = {name: block.block for block in item_blocks for name in block.item_ids}
    tiles = [
        (block_of[sides[0].ids[i]], block_of[sides[1].ids[j]])
        for i, j in zip(pairs.left, pairs.right, strict=True)
    ]
    place_of = along_curve(set(tiles))
    walk = sorted(zip([place_of[tile] for tile in tiles], pairs.pair_ids, strict=True))
    return {name: place // size for place, (_, name) in enumerate(walk)}
