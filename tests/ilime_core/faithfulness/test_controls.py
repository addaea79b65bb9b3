import itertools
from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import random_game

from ilime_core.faithfulness.controls import Direction, one_sided_orders, trace_paths
from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.orders import insertion_order, main_effects_order, retention_order


def pair_of_known_orders():
    pair = random_game(0, 3, 2)[2]
    return replace(
        pair,
        interactions=np.asarray([[1.0, 0.0], [0.0, -2.0], [3.0, 1.0]]),
        left_raw=np.asarray([2.0, 9.0, -3.0]),
        right_raw=np.asarray([0.0, 6.0]),
        left_main=np.asarray([1.0, 3.0, 2.0]),
        right_main=np.asarray([5.0, 4.0]),
    )


def test_one_sided_orders_sort_what_each_control_says_with_the_other_item_whole():
    pair = pair_of_known_orders()
    orders = {
        (side, direction, control): order.tolist()
        for side in (Side.LEFT, Side.RIGHT)
        for direction in Direction
        for control, order in one_sided_orders(pair, side, direction)
    }
    # Left whole 3, 7, 1; rows of W 1, -2, 4. Right whole 4, 5; columns of W 4, -1.
    wanted = {
        (Side.LEFT, Control.EXPLANATION): [1, 0, 2],
        (Side.LEFT, Control.INTERACTIONS): [2, 0, 1],
        (Side.LEFT, Control.MAIN_EFFECTS): [1, 2, 0],
        (Side.RIGHT, Control.EXPLANATION): [1, 0],
        (Side.RIGHT, Control.INTERACTIONS): [0, 1],
        (Side.RIGHT, Control.MAIN_EFFECTS): [0, 1],
    }
    assert len(orders) == 3 * len(wanted)
    for (side, control), order in wanted.items():
        assert orders[side, Direction.INSERTION, control] == order
        assert orders[side, Direction.DELETION, control] == order
        assert orders[side, Direction.RETENTION, control] == order[::-1]


def test_equal_segments_go_by_their_index_in_every_direction():
    pair = replace(pair_of_known_orders(), left_main=np.ones(3))
    for direction in Direction:
        assert dict(one_sided_orders(pair, Side.LEFT, direction))[Control.MAIN_EFFECTS].tolist() == [0, 1, 2]


def order_of(path):
    """Elements in the order in which they come or go along a path that takes every step."""
    kept = np.hstack([path.left, path.right]).astype(int)
    changed = np.abs(np.diff(kept, axis=0))
    assert (changed.sum(axis=1) == 1).all()
    return changed.argmax(axis=1).tolist()


def test_every_side_and_direction_is_traced_for_every_control():
    pair, options = pair_of_known_orders(), MetricOptions(n_random=3)
    traced = trace_paths(pair, tuple(Direction), options)
    keys = [(one.side, one.direction, one.control, one.order) for one in traced]
    assert len(keys) == len(set(keys)) == 3 * (6 + 6 + 3)
    assert not any(d is Direction.RETENTION and c is Control.RANDOM for _, d, c, _ in keys)
    paths = {
        (d, c): one.path for one, (s, d, c, n) in zip(traced, keys, strict=True) if s is Side.BOTH and n == 0
    }
    surrogate = pair.interactions, pair.left_raw, pair.right_raw
    for direction, order in (
        (Direction.INSERTION, insertion_order(*surrogate)),
        (Direction.RETENTION, retention_order(*surrogate)),
    ):
        assert order_of(paths[direction, Control.EXPLANATION]) == order.tolist()
    main = main_effects_order(pair.left_main, pair.right_main).tolist()
    assert order_of(paths[Direction.DELETION, Control.MAIN_EFFECTS]) == main
    assert order_of(paths[Direction.RETENTION, Control.MAIN_EFFECTS]) == main[::-1]


@pytest.mark.parametrize("side", list(Side))
def test_a_random_deletion_walks_the_coalitions_of_the_random_insertion_backwards(side):
    pair = random_game(1, 5, 4)[2]
    traced = trace_paths(
        pair, (Direction.INSERTION, Direction.DELETION), MetricOptions(n_random=2, sides=(side,))
    )
    random = {(one.direction, one.order): one.path for one in traced if one.control is Control.RANDOM}
    for order in range(2):
        forth, back = random[Direction.INSERTION, order], random[Direction.DELETION, order]
        assert (forth.left == back.left[::-1]).all()
        assert (forth.right == back.right[::-1]).all()


def test_one_sided_random_orders_are_the_joint_ones_without_the_other_item():
    pair = random_game(1, 5, 4)[2]
    traced = trace_paths(pair, (Direction.INSERTION,), MetricOptions(n_random=4))
    random = {(one.side, one.order): one.path for one in traced if one.control is Control.RANDOM}
    for order in range(4):
        joint = order_of(random[Side.BOTH, order])
        left, right = (
            [row.astype(int) for row in path]
            for path in (random[Side.LEFT, order].left, random[Side.RIGHT, order].right)
        )
        assert [np.flatnonzero(b - a)[0] for a, b in itertools.pairwise(left)] == [e for e in joint if e < 5]
        assert [np.flatnonzero(b - a)[0] + 5 for a, b in itertools.pairwise(right)] == [
            e for e in joint if e >= 5
        ]
