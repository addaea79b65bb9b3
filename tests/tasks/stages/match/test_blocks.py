"""Blocks after match: items by the sides that they lie on, pairs by the tile of their items' blocks."""

from types import SimpleNamespace

import numpy as np

from ilime_core.records import Modality
from tasks.run_files.match_plan import ItemBlock
from tasks.stages.match.blocks import _groups, assign_pairs

SIDES = (
    SimpleNamespace(ids=("a", "b", "unused"), modality=Modality.IMAGE),
    SimpleNamespace(ids=("x", "y", "b"), modality=Modality.IMAGE),
)


def selected(*pairs):
    names, left, right = zip(*pairs, strict=True)
    return SimpleNamespace(pair_ids=names, left=np.array(left), right=np.array(right))


def item_block(number, *item_ids):
    return ItemBlock(
        block=number, modality="image", item_ids=item_ids, sides=("left",), source_run=None, reads=(0,)
    )


def test_items_of_both_sides_are_one_group_and_unused_items_are_in_none():
    groups = _groups(SIDES, selected(("p0", 1, 0), ("p1", 0, 2), ("p2", 0, 0)), every=False)
    assert [(one.sides, one.item_ids) for one in groups] == [
        (("left",), ("a",)),
        (("left", "right"), ("b",)),
        (("right",), ("x",)),
    ]


def test_pairs_of_one_tile_share_a_block_before_names_decide():
    pairs = selected(("p2", 0, 0), ("p1", 0, 1), ("p0", 1, 0))
    near = [item_block(0, "a", "b"), item_block(1, "x"), item_block(2, "y")]
    assert assign_pairs(pairs, SIDES, near, 2) == {"p0": 0, "p2": 0, "p1": 1}
    one_tile = [item_block(0, "a", "b"), item_block(1, "x", "y")]
    assert assign_pairs(pairs, SIDES, one_tile, 2) == {"p0": 0, "p1": 0, "p2": 1}
