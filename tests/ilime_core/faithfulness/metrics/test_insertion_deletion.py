"""Insertion and deletion: curves and areas by hand.

Proves ilime_core.faithfulness.measurement.
"""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from every import every
from planted_pairs import (
    Counting,
    Tower,
    additive_game,
    affine,
    explained,
    measure,
    random_game,
    tower_ends,
    value,
)

from ilime_core.errors import InputError
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Target, area_under
from ilime_core.faithfulness.encoded import merge_masks
from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.insertion_deletion import INSERTION_DELETION
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.registry import METRICS

JOINT = (Side.BOTH,)


def curves_metric(**options):
    return MetricSet((INSERTION_DELETION,), MetricOptions(**{"sides": JOINT, **options}))


def found_value(found, direction: Direction, mode: Target, control: Control, axis="count", side=Side.BOTH):
    return value(found, metric=direction, mode=mode, control=control, axis=axis, side=side)


def area_of_order(left: Tower, right: Tower, order, n_left: int, mode: Target, direction: Direction) -> float:
    n = len(order)
    kept = np.asarray([[e in order[:k] for e in range(n)] for k in range(n + 1)])
    if direction is Direction.DELETION:
        kept = ~kept
    g, h = left(kept[:, :n_left]), right(kept[:, n_left:])
    if mode is Target.MIXED_DIFFERENCE:
        g, h = g - tower_ends(left, n_left)[0], h - tower_ends(right, n - n_left)[0]
    y = (g * h).sum(axis=1)
    return area_under(np.arange(n + 1) / n, y)


def test_a_constant_score_has_constant_areas_and_nothing_to_normalise():
    left, right = affine(np.ones(3), np.zeros((5, 3))), affine(np.full(3, 0.5), np.zeros((4, 3)))
    pair = random_game(0, 5, 4)[2]
    found = measure(curves_metric(n_random=3), pair, left, right)
    for v in found.values:
        assert v.value == pytest.approx(1.5 if v.mode == Target.SCORE else 0.0)
        assert v.normalised is None
        assert v.spread == (pytest.approx(0.0) if v.control == Control.RANDOM else None)


@pytest.mark.parametrize("seed", range(4))
def test_on_an_additive_game_the_explanation_reaches_the_extremes_over_all_orders(seed):
    left, right, pair = additive_game(seed, 4, 2)
    found = measure(curves_metric(n_random=2), pair, left, right)
    orders = list(itertools.permutations(range(6)))
    for direction, extreme in ((Direction.INSERTION, max), (Direction.DELETION, min)):
        every = [area_of_order(left, right, order, 4, Target.SCORE, direction) for order in orders]
        for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
            assert found_value(found, direction, Target.SCORE, control).value == pytest.approx(extreme(every))
    worst = replace(
        pair,
        left_raw=-pair.left_raw,
        right_raw=-pair.right_raw,
        left_main=-pair.left_main,
        right_main=-pair.right_main,
    )
    turned = measure(curves_metric(n_random=2), worst, left, right)
    every = [area_of_order(left, right, order, 4, Target.SCORE, Direction.INSERTION) for order in orders]
    got = found_value(turned, Direction.INSERTION, Target.SCORE, Control.EXPLANATION)
    assert got.value == pytest.approx(min(every))


def test_on_a_planted_bilinear_game_w_reaches_the_extremes_of_the_mixed_difference():
    # Three words, each answered by one region of its own strength; main effects point the other way.
    strengths = np.diag([3.0, 2.0, 1.0])
    pull = np.asarray([[0.0], [1.0], [4.0]])
    left = affine(np.asarray([0.0, 0.0, 0.0, 1.0]), np.hstack([strengths, pull]))
    right = affine(np.asarray([0.0, 0.0, 0.0, 1.0]), np.hstack([np.eye(3), np.zeros((3, 1))]))
    pair = explained(left, right, 3, 3)
    assert pair.interactions == pytest.approx(strengths)
    found = measure(curves_metric(n_random=2), pair, left, right)
    orders = list(itertools.permutations(range(6)))
    mode = Target.MIXED_DIFFERENCE
    for direction, extreme in ((Direction.INSERTION, max), (Direction.DELETION, min)):
        best = extreme(area_of_order(left, right, order, 3, mode, direction) for order in orders)
        assert found_value(found, direction, mode, Control.INTERACTIONS).value == pytest.approx(best)
    ours = found_value(found, Direction.INSERTION, mode, Control.INTERACTIONS).value
    assert ours > found_value(found, Direction.INSERTION, mode, Control.MAIN_EFFECTS).value + 0.1


@pytest.mark.parametrize("mode", list(Target))
def test_curves_are_the_model_along_the_greedy_orders(mode):
    left, right, pair = random_game(3)
    found = measure(curves_metric(n_random=4, seed=5), pair, left, right)
    for curve in (c for c in found.curves if c.mode == mode):
        assert curve.x[0] == 0
        assert curve.x[-1] == 1
        ends = tower_ends(left, 4), tower_ends(right, 3)
        full = (ends[0][1] - (ends[0][0] if mode == Target.MIXED_DIFFERENCE else 0)) @ (
            ends[1][1] - (ends[1][0] if mode == Target.MIXED_DIFFERENCE else 0)
        )
        assert curve.y[-1 if curve.metric == Direction.INSERTION else 0] == pytest.approx(full)
    random = [
        c
        for c in found.curves
        if (c.metric, c.mode, c.control) == (Direction.INSERTION, mode, Control.RANDOM)
    ]
    assert [c.order for c in random] == [0, 1, 2, 3]
    areas = [area_under(c.x, c.y) for c in random]
    summary = found_value(found, Direction.INSERTION, mode, Control.RANDOM)
    assert summary.value == pytest.approx(np.mean(areas))
    assert summary.spread == pytest.approx(np.std(areas, ddof=1))
    assert summary.n_orders == 4


def test_a_random_deletion_mirrors_the_random_insertion():
    left, right, pair = random_game(4)
    found = measure(curves_metric(n_random=3), pair, left, right)
    there, back = (
        [c for c in found.curves if c.metric == d and c.control == Control.RANDOM and c.mode == Target.SCORE]
        for d in (Direction.INSERTION, Direction.DELETION)
    )
    for a, b in zip(there, back, strict=True):
        assert b.y == pytest.approx(a.y[::-1])


def test_normalised_areas_put_the_empty_pair_at_0_and_the_full_one_at_1():
    left = affine(np.asarray([0.2]), np.full((30, 1), 0.1))
    right = affine(np.asarray([1.0]), np.zeros((10, 1)))
    pair = explained(left, right, 30, 10)
    found = measure(curves_metric(n_random=5), pair, left, right)
    for v in (v for v in found.values if v.mode == Target.SCORE):
        assert v.normalised == pytest.approx((v.value - 0.2) / 3.0)
    best = found_value(found, Direction.INSERTION, Target.SCORE, Control.EXPLANATION)
    # 30 of 40 elements bring all, one by one: x = 3/4 is reached on a straight line.
    assert best.normalised == pytest.approx(0.25 + 0.375, abs=0.01)
    assert {v.normalised for v in found.values if v.mode == Target.MIXED_DIFFERENCE} == {None}


def test_encoders_see_each_needed_coalition_once_and_nothing_else():
    left, right, pair = random_game(6, n_left=7, n_right=3)
    metric = curves_metric(n_random=4)
    towers = Counting(left), Counting(right)
    measure(metric, pair, *towers)
    for tower, masks in zip(towers, metric.masks(pair), strict=True):
        needed = {tuple(row) for row in masks.tolist() if any(row) and not all(row)}
        assert len(tower.asked) == len(set(tower.asked)) == len(needed)
        assert set(tower.asked) == needed
        assert len(needed) <= metric.most_encodes(masks.shape[1], 1)


def test_random_controls_of_an_item_are_encoded_once_for_all_its_pairs():
    n_left, n_random = 12, 6
    metric = curves_metric(steps=200, n_random=n_random)
    pairs = [
        replace(random_game(seed, n_left, n)[2], right_id=f"t{seed}") for seed, n in ((1, 4), (2, 5), (3, 9))
    ]
    wanted = [metric.masks(pair)[0] for pair in pairs]
    fixed, random = [], []
    for pair, masks in zip(pairs, wanted, strict=True):
        # Of either direction come the explanation and its fixed controls first, a point for each element.
        points = 1 + n_left + pair.interactions.shape[1]
        orders = masks.reshape(2, 3 + n_random, points, n_left)
        fixed.append(orders[:, :3].reshape(-1, n_left))
        random.append(merge_masks([("i1", orders[:, 3:].reshape(-1, n_left))])["i1"].rows)
    assert len(random[0]) > n_random * (n_left - 1) / 2
    assert len(random[0]) <= n_random * (n_left - 1)
    assert every((rows == random[0]).all() for rows in random[1:])
    merged = merge_masks(("i1", masks) for masks in wanted)["i1"].rows
    known = merge_masks(("i1", masks) for masks in fixed)["i1"].rows
    assert len(merged) <= len(known) + len(random[0])
    assert len(merged) <= metric.most_encodes(n_left, len(pairs))


def test_parameters_move_what_they_should():
    left, right, pair = random_game(7, 9, 5)
    base = measure(curves_metric(steps=8, n_random=3), pair, left, right)
    assert {len(c.x) for c in base.curves} == {8}
    finer = measure(curves_metric(steps=50, n_random=3), pair, left, right)
    assert {len(c.x) for c in finer.curves} == {15}
    more = measure(curves_metric(steps=8, n_random=5), pair, left, right)
    key = Direction.INSERTION, Target.SCORE, Control.RANDOM
    assert found_value(more, *key).n_orders == 5
    other = measure(curves_metric(steps=8, n_random=3, seed=1), pair, left, right)
    assert found_value(other, *key).value != pytest.approx(found_value(base, *key).value)
    fixed = Direction.INSERTION, Target.SCORE, Control.EXPLANATION
    assert found_value(other, *fixed) == found_value(base, *fixed)


def test_two_items_of_one_segment_are_measured():
    left, right, pair = random_game(8, 1, 1)
    found = measure(curves_metric(), pair, left, right)
    assert every(np.isfinite(v.value) for v in found.values)
    assert {len(c.x) for c in found.curves} == {3}


def test_the_registry_holds_the_metric_and_names_the_nearest():
    assert METRICS["insertion_deletion"] is INSERTION_DELETION
    with pytest.raises(InputError, match="did you mean 'insertion_deletion'"):
        METRICS["insertion_deletions"]


def test_areas_over_both_axes_are_known():
    left = affine(np.asarray([0.0]), np.asarray([[1.0], [3.0], [2.0]]))
    right = affine(np.asarray([1.0]), np.zeros((2, 1)))
    pair = replace(explained(left, right, 3, 2), left_areas=np.asarray([0.5, 0.3, 0.2]))
    found = measure(curves_metric(n_random=2, sides=(Side.LEFT, Side.BOTH)), pair, left, right)

    def area(axis, direction=Direction.INSERTION, side=Side.LEFT):
        return found_value(found, direction, Target.SCORE, Control.EXPLANATION, axis, side).value

    # 3, 5, 6 after each third; after .3, .5 and all of the area.
    assert area("count") == pytest.approx((1.5 + 4 + 5.5) / 3)
    assert area("area") == pytest.approx(0.3 * 1.5 + 0.2 * 4 + 0.5 * 5.5)
    # 3, 1, 0 are left over.
    assert area("count", Direction.DELETION) == pytest.approx((4.5 + 2 + 0.5) / 3)
    assert area("area", Direction.DELETION) == pytest.approx(0.3 * 4.5 + 0.2 * 2 + 0.5 * 0.5)
    # Two words, a quarter of the area each, add nothing at the end of the joint order.
    assert area("area", side=Side.BOTH) == pytest.approx((0.3 * 1.5 + 0.2 * 4 + 0.5 * 5.5 + 6) / 2)


@pytest.mark.parametrize("side", [Side.LEFT, Side.RIGHT])
@pytest.mark.parametrize("seed", range(3))
def test_one_sided_orders_reach_the_extremes_with_the_other_item_whole(seed, side):
    left, right, pair = random_game(seed, 4, 5)
    found = measure(curves_metric(n_random=2, sides=(side,)), pair, left, right)
    assert {v.side for v in found.values} == {side}
    moving, whole = (left, right) if side is Side.LEFT else (right, left)
    n, n_whole = (4, 5) if side is Side.LEFT else (5, 4)
    for mode in Target:
        at_empty = [tower_ends(tower, k)[0] for tower, k in ((moving, n), (whole, n_whole))]
        g0, h0 = at_empty if mode is Target.MIXED_DIFFERENCE else (0.0, 0.0)
        other = tower_ends(whole, n_whole)[1] - h0
        areas = {direction: [] for direction in (Direction.INSERTION, Direction.DELETION)}
        for order in itertools.permutations(range(n)):
            kept = np.asarray([[e in order[:k] for e in range(n)] for k in range(n + 1)])
            for direction, rows in ((Direction.INSERTION, kept), (Direction.DELETION, ~kept)):
                areas[direction].append(area_under(np.arange(n + 1) / n, (moving(rows) - g0) @ other))
        own = Control.EXPLANATION if mode is Target.SCORE else Control.INTERACTIONS
        best = found_value(found, Direction.INSERTION, mode, own, side=side)
        assert best.value == pytest.approx(max(areas[Direction.INSERTION]))
        assert found_value(found, Direction.DELETION, mode, own, side=side).value == pytest.approx(
            min(areas[Direction.DELETION])
        )
        random = found_value(found, Direction.INSERTION, mode, Control.RANDOM, side=side)
        assert min(areas[Direction.INSERTION]) < random.value < best.value


def test_one_sided_curves_ask_nothing_of_the_item_that_stays_whole():
    left, right, pair = random_game(2, 6, 4)
    towers = Counting(left), Counting(right)
    measure(curves_metric(n_random=3, sides=(Side.LEFT,)), pair, *towers)
    assert len(towers[0].asked) > 6
    assert towers[1].asked == []


def test_random_areas_of_an_additive_game_are_the_middle_in_the_mean():
    left, right, pair = additive_game(5, 4, 3)
    found = measure(curves_metric(n_random=200), pair, left, right)
    ends = [g @ h for g, h in zip(tower_ends(left, 4), tower_ends(right, 3), strict=True)]
    random = found_value(found, Direction.INSERTION, Target.SCORE, Control.RANDOM)
    assert abs(random.value - sum(ends) / 2) < 4 * random.spread / np.sqrt(200)
