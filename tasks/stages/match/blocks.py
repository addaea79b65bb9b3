"""Blocks of the stages after match: items to score, and tiles of the grid of pairs to fit."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from jaxtyping import Int64

from ilime_core.modality import Modality
from ilime_core.retrieval.selection import SelectedPairs
from ilime_core.retrieval.tile_order import blocks_along_curve
from tasks.planning.reuse import find_effects_sources, split_by_source
from tasks.run_files.match_plan import ItemBlock, MatchPlan, OpaquePair, PairBlock
from tasks.run_files.plan import OpenRun
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.match.all_pairs import sweep_tiles, write_matching_pairs
from tasks.stages.match.opaque_blocks import TYPICAL_WORDS, opaque_blocks
from tasks.stages.match.rivals import RivalCandidates, write_rivals
from tasks.stages.match.tables import MatchSide

__all__ = ["DraftedBlocks", "assign_pairs", "plan_blocks"]


@dataclass(frozen=True, slots=True, eq=False)
class DraftedBlocks:
    """Blocks of the stages after match, before a start of the run has fixed them.

    Attributes
    ----------
    plan
        What is written.
    block_of
        Pair block by pair id.
    """

    plan: MatchPlan
    block_of: Mapping[str, int]


def plan_blocks(
    run: OpenRun,
    sides: tuple[MatchSide, MatchSide],
    pairs: SelectedPairs,
    rivals: Sequence[RivalCandidates],
    relevance: Int64[np.ndarray, "matches 2"],
) -> DraftedBlocks:
    """Blocks of the items of selected pairs, then tiles of the grid that those blocks span.

    Parameters
    ----------
    run
        Opened plan of the run.
    sides
        Left and right items.
    pairs
        Selected pairs.
    rivals
        Candidates whose margins are explained; their file is written here.
    relevance
        Positions of all pairs that match.

    Returns
    -------
    DraftedBlocks
        Plan of the stages after match, with the block of each pair.
    """
    item_blocks = _item_blocks(run, sides, pairs)
    every = run.plan.parameters.pairs.all
    held_in = {name: block.block for block in item_blocks for name in block.item_ids}
    size = run.plan.parameters.blocks.pairs
    block_of = assign_pairs(pairs, sides, item_blocks, size)
    reads: dict[int, set[int]] = defaultdict(set)
    for name, i, j in zip(pairs.pair_ids, pairs.left, pairs.right, strict=True):
        reads[block_of[name]] |= {held_in[sides[0].ids[i]], held_in[sides[1].ids[j]]}
    for query in rivals:  # the right candidate may live in a block that none of the block's pairs reads
        reads[block_of[query.wrong_pair_id]].add(held_in[query.correct_item_id])
    counts = Counter(block_of.values())
    plan = MatchPlan(
        item_blocks=tuple(item_blocks),
        pair_blocks=tuple(
            PairBlock(block=block, n_pairs=counts[block], reads=tuple(sorted(reads[block])))
            for block in sorted(counts)
        ),
        pairs_per_block=size,
        margins=write_rivals(run, rivals, block_of),
        opaque_blocks=opaque_blocks(run.plan.parameters, _named(pairs, sides), held_in),
        sweep_tiles=sweep_tiles(item_blocks, run.plan.parameters.blocks.tile_pairs) if every else (),
        matches=write_matching_pairs(run, sides, relevance) if every else None,
    )
    return DraftedBlocks(plan, block_of)


def _named(pairs: SelectedPairs, sides: tuple[MatchSide, MatchSide]) -> Iterator[tuple[OpaquePair, str]]:
    """Pairs with their relations."""
    for name, i, j, relation in zip(pairs.pair_ids, pairs.left, pairs.right, pairs.relations, strict=True):
        yield OpaquePair(pair_id=name, left_id=sides[0].ids[i], right_id=sides[1].ids[j]), relation.value


def _item_blocks(run: OpenRun, sides: tuple[MatchSide, MatchSide], pairs: SelectedPairs) -> list[ItemBlock]:
    groups = _groups(sides, pairs, every=run.plan.parameters.pairs.all)
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
    """Items of selected pairs that lie on the same sides."""

    modality: Modality
    sides: tuple[Literal["left", "right"], ...]
    item_ids: tuple[str, ...]


def _groups(sides: tuple[MatchSide, MatchSide], pairs: SelectedPairs, *, every: bool) -> list[_Group]:
    """Left items, items on both sides, right items, each in the order of its side: of the pairs, or all."""
    left, right = (
        list(side.ids) if every else [side.ids[i] for i in np.unique(indices)]
        for side, indices in zip(sides, (pairs.left, pairs.right), strict=True)
    )
    both = set(left) & set(right)
    groups = (
        _Group(sides[0].modality, ("left",), tuple(name for name in left if name not in both)),
        _Group(sides[0].modality, ("left", "right"), tuple(name for name in left if name in both)),
        _Group(sides[1].modality, ("right",), tuple(name for name in right if name not in both)),
    )
    return [group for group in groups if group.item_ids]


def _items_per_block(run: OpenRun, modality: Modality) -> int:
    parameters = run.plan.parameters
    draw = MaskDraw.of(modality, parameters)
    image, blocks = modality is Modality.IMAGE, parameters.blocks
    each = draw.about(parameters.segmentation.image.n_segments if image else TYPICAL_WORDS)
    return max(1, (blocks.image_encodes if image else blocks.text_encodes) // each)


def assign_pairs(
    pairs: SelectedPairs, sides: tuple[MatchSide, MatchSide], item_blocks: Sequence[ItemBlock], size: int
) -> dict[str, int]:
    """Pair block by pair id: the tiles (left block, right block) along a curve, ``size`` pairs a block.

    Parameters
    ----------
    pairs
        Selected pairs.
    sides
        Left and right items.
    item_blocks
        Blocks that hold the items.
    size
        Most pairs of a block.

    Returns
    -------
    dict of str to int
        Numbers of pair blocks.
    """
    held_in = {name: block.block for block in item_blocks for name in block.item_ids}
    tiles = [
        (held_in[sides[0].ids[i]], held_in[sides[1].ids[j]])
        for i, j in zip(pairs.left, pairs.right, strict=True)
    ]
    return blocks_along_curve(tiles, pairs.pair_ids, size)
