import itertools
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.faithfulness.controls import Control, Direction
from ilime_core.faithfulness.curves import Target, area_under
from ilime_core.faithfulness.encoded import EncodedCoalitions, MaskSet, merge_masks
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.insertion_deletion import InsertionDeletion
from ilime_core.faithfulness.measurement import FaithfulnessValue, Measurement
from ilime_core.faithfulness.registry import METRICS

Tower = Callable[[np.ndarray], np.ndarray]


def affine(base: np.ndarray, effects: np.ndarray) -> Tower:
    """An additive tower: every pair of two such has an exactly bilinear score."""
    return lambda masks: base + masks.astype(float) @ effects


class Counting:
    """A tower that remembers every coalition that it was asked."""

    def __init__(self, tower: Tower) -> None:
        self.tower = tower
        self.asked: list[tuple[bool, ...]] = []

    def __call__(self, masks: np.ndarray) -> np.ndarray:
        self.asked += [tuple(row) for row in masks.tolist()]
        return self.tower(masks)


def encode(tower: Tower, masks: MaskSet) -> EncodedCoalitions:
    n_segments = masks.rows.shape[1]
    ends = torch.tensor(tower_ends(tower, n_segments))
    return EncodedCoalitions(masks, torch.tensor(tower(masks.rows)), ends[0], ends[1])


def tower_ends(tower: Tower, n_segments: int) -> np.ndarray:
    inner = tower.tower if isinstance(tower, Counting) else tower
    return inner(np.stack([np.zeros(n_segments, dtype=bool), np.ones(n_segments, dtype=bool)]))


def explained(left: Tower, right: Tower, n_left: int, n_right: int, names=("i1", "t1")) -> PairExplanation:
    """The exact surrogate of a bilinear score."""
    zero = [np.zeros((1, n), dtype=bool) for n in (n_left, n_right)]
    g0, h0 = left(zero[0])[0], right(zero[1])[0]
    a, b = left(np.eye(n_left, dtype=bool)) - g0, right(np.eye(n_right, dtype=bool)) - h0
    return PairExplanation(
        *names,
        interactions=a @ b.T,
        left_raw=a @ h0,
        right_raw=b @ g0,
        left_main=a @ (h0 + b.sum(axis=0) / 2),
        right_main=b @ (g0 + a.sum(axis=0) / 2),
    )


def measure(metric: InsertionDeletion, pair: PairExplanation, left: Tower, right: Tower) -> Measurement:
    masks = dict(zip((pair.left_id, pair.right_id), metric.masks(pair), strict=True))
    merged = merge_masks(masks.items())
    return metric.measure(pair, encode(left, merged[pair.left_id]), encode(right, merged[pair.right_id]))


def value(
    measurement: Measurement, direction: Direction, mode: Target, control: Control
) -> FaithfulnessValue:
    (found,) = [v for v in measurement.values if (v.metric, v.mode, v.control) == (direction, mode, control)]
    return found


def random_game(
    seed: int, n_left: int = 4, n_right: int = 3, dim: int = 5
) -> tuple[Tower, Tower, PairExplanation]:
    rng = np.random.default_rng(seed)
    towers = [affine(rng.normal(size=dim), rng.normal(size=(n, dim))) for n in (n_left, n_right)]
    return *towers, explained(*towers, n_left, n_right)


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
    pair = replace(random_game(0, 5, 4)[2])
    found = measure(InsertionDeletion(n_random=3), pair, left, right)
    for v in found.values:
        assert v.value == pytest.approx(1.5 if v.mode == Target.SCORE else 0.0)
        assert v.normalised is None
        assert v.spread == (pytest.approx(0.0) if v.control == Control.RANDOM else None)


@pytest.mark.parametrize("seed", range(4))
def test_on_an_additive_game_the_explanation_reaches_the_extremes_over_all_orders(seed):
    # The right tower stands still: f is additive in the left segments, and W is zero.
    rng = np.random.default_rng(seed)
    left, right = (
        affine(rng.normal(size=3), rng.normal(size=(4, 3))),
        affine(rng.normal(size=3), np.zeros((2, 3))),
    )
    pair = explained(left, right, 4, 2)
    found = measure(InsertionDeletion(n_random=2), pair, left, right)
    orders = list(itertools.permutations(range(6)))
    for direction, extreme in ((Direction.INSERTION, max), (Direction.DELETION, min)):
        every = [area_of_order(left, right, order, 4, Target.SCORE, direction) for order in orders]
        for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
            assert value(found, direction, Target.SCORE, control).value == pytest.approx(extreme(every))
    worst = replace(
        pair,
        left_raw=-pair.left_raw,
        right_raw=-pair.right_raw,
        left_main=-pair.left_main,
        right_main=-pair.right_main,
    )
    turned = measure(InsertionDeletion(n_random=2), worst, left, right)
    every = [area_of_order(left, right, order, 4, Target.SCORE, Direction.INSERTION) for order in orders]
    got = value(turned, Direction.INSERTION, Target.SCORE, Control.EXPLANATION)
    assert got.value == pytest.approx(min(every))


def test_on_a_planted_bilinear_game_w_reaches_the_extremes_of_the_mixed_difference():
    # Three words, each answered by one region of its own strength; main effects point the other way.
    strengths = np.diag([3.0, 2.0, 1.0])
    pull = np.asarray([[0.0], [1.0], [4.0]])
    left = affine(np.asarray([0.0, 0.0, 0.0, 1.0]), np.hstack([strengths, pull]))
    right = affine(np.asarray([0.0, 0.0, 0.0, 1.0]), np.hstack([np.eye(3), np.zeros((3, 1))]))
    pair = explained(left, right, 3, 3)
    assert pair.interactions == pytest.approx(strengths)
    found = measure(InsertionDeletion(n_random=2), pair, left, right)
    orders = list(itertools.permutations(range(6)))
    mode = Target.MIXED_DIFFERENCE
    for direction, extreme in ((Direction.INSERTION, max), (Direction.DELETION, min)):
        best = extreme(area_of_order(left, right, order, 3, mode, direction) for order in orders)
        assert value(found, direction, mode, Control.INTERACTIONS).value == pytest.approx(best)
    ours = value(found, Direction.INSERTION, mode, Control.INTERACTIONS).value
    assert ours > value(found, Direction.INSERTION, mode, Control.MAIN_EFFECTS).value + 0.1


@pytest.mark.parametrize("mode", list(Target))
def test_curves_are_the_model_along_the_greedy_orders(mode):
    left, right, pair = random_game(3)
    found = measure(InsertionDeletion(n_random=4, seed=5), pair, left, right)
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
    summary = value(found, Direction.INSERTION, mode, Control.RANDOM)
    assert summary.value == pytest.approx(np.mean(areas))
    assert summary.spread == pytest.approx(np.std(areas, ddof=1))
    assert summary.n_orders == 4


def test_a_random_deletion_mirrors_the_random_insertion():
    left, right, pair = random_game(4)
    found = measure(InsertionDeletion(n_random=3), pair, left, right)
    there, back = (
        [c for c in found.curves if c.metric == d and c.control == Control.RANDOM and c.mode == Target.SCORE]
        for d in Direction
    )
    for a, b in zip(there, back, strict=True):
        assert b.y == pytest.approx(a.y[::-1])


def test_normalised_areas_put_the_empty_pair_at_0_and_the_full_one_at_1():
    left = affine(np.asarray([0.2]), np.full((30, 1), 0.1))
    right = affine(np.asarray([1.0]), np.zeros((10, 1)))
    pair = explained(left, right, 30, 10)
    found = measure(InsertionDeletion(n_random=5), pair, left, right)
    for v in (v for v in found.values if v.mode == Target.SCORE):
        assert v.normalised == pytest.approx((v.value - 0.2) / 3.0)
    best = value(found, Direction.INSERTION, Target.SCORE, Control.EXPLANATION)
    # 30 of 40 elements bring all, one by one: x = 3/4 is reached on a straight line.
    assert best.normalised == pytest.approx(0.25 + 0.375, abs=0.01)
    assert {v.normalised for v in found.values if v.mode == Target.MIXED_DIFFERENCE} == {None}


def test_encoders_see_each_needed_coalition_once_and_nothing_else():
    left, right, pair = random_game(6, n_left=7, n_right=3)
    metric = InsertionDeletion(n_random=4)
    towers = Counting(left), Counting(right)
    measure(metric, pair, *towers)
    for tower, masks in zip(towers, metric.masks(pair), strict=True):
        needed = {tuple(row) for row in masks.tolist() if any(row) and not all(row)}
        assert len(tower.asked) == len(set(tower.asked)) == len(needed)
        assert set(tower.asked) == needed
        assert len(needed) <= metric.most_encodes(masks.shape[1], 1)


def test_random_controls_of_an_item_are_encoded_once_for_all_its_pairs():
    n_left, n_random = 12, 6
    metric = InsertionDeletion(steps=200, n_random=n_random)
    pairs = [
        replace(random_game(seed, n_left, n)[2], right_id=f"t{seed}") for seed, n in ((1, 4), (2, 5), (3, 9))
    ]
    wanted = [metric.masks(pair)[0] for pair in pairs]
    # The six curves of the explanation and its fixed controls come first, each with a point per element.
    n_fixed = [6 * (1 + n_left + pair.interactions.shape[1]) for pair in pairs]
    random = [merge_masks([("i1", masks[n:])])["i1"].rows for masks, n in zip(wanted, n_fixed, strict=True)]
    assert len(random[0]) > n_random * (n_left - 1) / 2
    assert len(random[0]) <= n_random * (n_left - 1)
    assert all((rows == random[0]).all() for rows in random[1:])
    merged = merge_masks(("i1", masks) for masks in wanted)["i1"].rows
    fixed = merge_masks(("i1", masks[:n]) for masks, n in zip(wanted, n_fixed, strict=True))["i1"].rows
    assert len(merged) <= len(fixed) + len(random[0])
    assert len(merged) <= metric.most_encodes(n_left, len(pairs))


def test_parameters_move_what_they_should():
    left, right, pair = random_game(7, 9, 5)
    base = measure(InsertionDeletion(steps=8, n_random=3), pair, left, right)
    assert {len(c.x) for c in base.curves} == {8}
    finer = measure(InsertionDeletion(steps=50, n_random=3), pair, left, right)
    assert {len(c.x) for c in finer.curves} == {15}
    more = measure(InsertionDeletion(steps=8, n_random=5), pair, left, right)
    key = Direction.INSERTION, Target.SCORE, Control.RANDOM
    assert value(more, *key).n_orders == 5
    other = measure(InsertionDeletion(steps=8, n_random=3, seed=1), pair, left, right)
    assert value(other, *key).value != pytest.approx(value(base, *key).value)
    fixed = Direction.INSERTION, Target.SCORE, Control.EXPLANATION
    assert value(other, *fixed) == value(base, *fixed)


def test_two_items_of_one_segment_are_measured():
    left, right, pair = random_game(8, 1, 1)
    found = measure(InsertionDeletion(), pair, left, right)
    assert all(np.isfinite(v.value) for v in found.values)
    assert {len(c.x) for c in found.curves} == {3}


def test_the_registry_makes_the_metric_and_names_the_nearest():
    metric = METRICS["insertion_deletion"].make(steps=7, n_random=2, seed=1)
    assert metric == InsertionDeletion(7, 2, 1)
    with pytest.raises(InputError, match="did you mean 'insertion_deletion'"):
        METRICS["insertion_deletions"]


def test_impossible_settings_are_refused():
    with pytest.raises(InputError, match="at least 2, got 1 and 20"):
        InsertionDeletion(steps=1)
    with pytest.raises(InputError, match="at least 2, got 50 and 1"):
        InsertionDeletion(n_random=1)
