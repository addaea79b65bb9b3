from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import affine, explained, measure, random_game, value

from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.average_drop import AVERAGE_DROP
from ilime_core.faithfulness.options import MetricOptions


def drops(pair, left, right, **options):
    return measure(MetricSet((AVERAGE_DROP,), MetricOptions(**{"n_random": 4, **options})), pair, left, right)


def of(found, metric, share, control=Control.EXPLANATION, side=Side.LEFT):
    return value(found, metric=metric, mode=f"top {share}%", control=control, side=side)


def columns(effects, empty=1.0):
    """Left segments of known effects beside two words of none."""
    left = affine(np.asarray([empty]), np.asarray(effects, dtype=float)[:, None])
    right = affine(np.asarray([1.0]), np.zeros((2, 1)))
    return left, right, explained(left, right, len(effects), 2)


def test_drop_and_increase_are_known_by_hand():
    left, right, pair = columns([1, 4, 2, 3])
    found = drops(pair, left, right)
    # 11 whole; the best quarter has 1 + 4, the best half 1 + 4 + 3.
    assert of(found, "average_drop", 25).value == pytest.approx(6)
    assert of(found, "average_drop", 50).value == pytest.approx(3)
    assert of(found, "average_increase", 25).value == 0


def test_what_harms_is_left_out_and_the_score_increases():
    left, right, pair = columns([5, -3, -1, 1])
    found = drops(pair, left, right)
    # 3 whole; 6 with the best quarter, 7 with the best half.
    for share in (25, 50):
        assert of(found, "average_drop", share).value == 0
        assert of(found, "average_increase", share).value == 1
    worst = drops(replace(pair, left_raw=-pair.left_raw, left_main=-pair.left_main), left, right)
    assert of(worst, "average_drop", 25).value == pytest.approx(3 - (1 - 3))
    assert of(worst, "average_drop", 50).value == pytest.approx(3 - (1 - 3 - 1))
    assert of(worst, "average_increase", 25).value == 0


def test_a_constant_score_neither_drops_nor_increases():
    left, right, pair = columns([0, 0, 0, 0])
    odd = replace(pair, left_raw=np.asarray([1.0, -2.0, 3.0, 0.5]))
    for found in drops(odd, left, right).values:
        assert found.value == 0
        assert found.normalised is None


def test_drops_are_normalised_by_the_rise_of_the_pair():
    left, right, pair = columns([1] * 60)
    found = drops(pair, left, right, n_random=20, steps=61)
    assert of(found, "average_drop", 25).normalised == pytest.approx(0.75)
    assert of(found, "average_drop", 50).normalised == pytest.approx(0.5)
    assert of(found, "average_drop", 50, Control.RANDOM).normalised == pytest.approx(0.5)


def test_chance_is_the_mean_of_random_parts():
    left, right, pair = columns([4, 0, 0, 0])
    found = drops(pair, left, right, n_random=600, sides=(Side.LEFT,))
    got = of(found, "average_drop", 25, Control.RANDOM)
    # 5 whole: a random quarter holds the first segment with 1/4, else all 4 are lost.
    assert got.value == pytest.approx(3, abs=4 * np.sqrt(3 / 600))
    assert got.spread == pytest.approx(np.sqrt(3), rel=0.05)
    assert got.n_orders == 600


def test_a_part_never_exceeds_its_share():
    left, right, pair = columns([1, 1, 1, 1, 1])
    found = drops(pair, left, right)
    assert of(found, "average_drop", 25).value == pytest.approx(4)
    assert of(found, "average_drop", 50).value == pytest.approx(3)
    # Of the nine points of the joint order, the last with no more than a quarter keeps one of seven.
    assert of(found, "average_drop", 25, side=Side.BOTH).value == pytest.approx(4)


def test_options_move_the_values():
    left, right, pair = random_game(4, 8, 6)
    base, coarse = drops(pair, left, right), drops(pair, left, right, steps=3)
    # Of three points only the empty one keeps no more than a quarter.
    empty = left(np.zeros((1, 8), bool))[0] @ right(np.ones((1, 6), bool))[0]
    full = left(np.ones((1, 8), bool))[0] @ right(np.ones((1, 6), bool))[0]
    assert of(coarse, "average_drop", 25).value == pytest.approx(max(full - empty, 0))
    assert of(coarse, "average_drop", 25).value != pytest.approx(of(base, "average_drop", 25).value)
    other = drops(pair, left, right, seed=1)
    mean = [of(found, "average_drop", 50, Control.RANDOM).value for found in (base, other)]
    assert mean[0] != pytest.approx(mean[1])
    assert {v.side for v in drops(pair, left, right, sides=(Side.RIGHT,)).values} == {Side.RIGHT}
