import itertools
from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import affine, explained, measure, random_game, value

from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.highest_confidence import HIGHEST_CONFIDENCE
from ilime_core.faithfulness.options import MetricOptions

SHARES = (25, 50, 75, 100)


def heights(pair, left, right, **options):
    return measure(
        MetricSet((HIGHEST_CONFIDENCE,), MetricOptions(**{"n_random": 4, **options})), pair, left, right
    )


def of(found, share, control=Control.EXPLANATION, side=Side.LEFT):
    return value(found, mode=f"area {share}%", control=control, side=side)


def columns(effects, areas):
    left = affine(np.asarray([1.0]), np.asarray(effects, dtype=float)[:, None])
    right = affine(np.asarray([1.0]), np.zeros((2, 1)))
    return left, right, replace(explained(left, right, len(effects), 2), left_areas=np.asarray(areas))


def test_the_highest_score_within_each_area_is_known_by_hand():
    left, right, pair = columns([2, 4, -1, 3], [0.4, 0.2, 0.1, 0.3])
    found = heights(pair, left, right)
    # 1 empty; 5 at .2 of the area, 8 at .5, 10 at .9, 9 whole.
    assert [of(found, share).value for share in SHARES] == pytest.approx([5, 8, 8, 10])
    worst = heights(replace(pair, left_raw=-pair.left_raw), left, right)
    # 1, then 0 at .1, 2 at .5, 5 at .8, 9 whole.
    assert [of(worst, share).value for share in SHARES] == pytest.approx([1, 2, 2, 9])
    # Both items share the area: words of no effect come between +2 and -1.
    assert of(found, 25, side=Side.BOTH).value == pytest.approx(8)


@pytest.mark.parametrize("seed", range(3))
def test_more_area_never_lowers_it(seed):
    left, right, pair = random_game(seed, 8, 5)
    found = heights(pair, left, right)
    rises = []
    for side, control in itertools.product(Side, Control):
        values = [of(found, share, control, side).value for share in SHARES]
        assert values == sorted(values)
        rises.append(values[0] < values[-1])
    assert any(rises)


def test_a_constant_score_is_the_highest_everywhere():
    left, right, pair = columns([0, 0, 0], [0.5, 0.25, 0.25])
    assert {v.value for v in heights(pair, left, right).values} == {1.0}
    assert {v.normalised for v in heights(pair, left, right).values} == {None}


def test_chance_is_the_mean_over_random_orders():
    left, right, pair = columns([4, 0, 0, 0], [0.25] * 4)
    got = of(heights(pair, left, right, n_random=600, sides=(Side.LEFT,)), 25, Control.RANDOM)
    assert got.value == pytest.approx(2, abs=4 * np.sqrt(3 / 600))
    assert got.spread == pytest.approx(np.sqrt(3), rel=0.05)
    assert got.n_orders == 600


def test_heights_are_normalised_between_empty_and_full():
    left, right, pair = columns([1] * 60, [1 / 60] * 60)
    found = heights(pair, left, right, n_random=20, steps=61)
    assert [of(found, share).normalised for share in SHARES] == pytest.approx([0.25, 0.5, 0.75, 1])


def test_options_move_the_values():
    left, right, pair = random_game(4, 8, 6)
    base, coarse = heights(pair, left, right), heights(pair, left, right, steps=2)
    whole = right(np.ones((1, 6), bool))[0]
    assert of(coarse, 50).value == pytest.approx(left(np.zeros((1, 8), bool))[0] @ whole)
    assert of(coarse, 50).value < of(base, 50).value
    other = heights(pair, left, right, seed=1)
    assert of(other, 50, Control.RANDOM).value != pytest.approx(of(base, 50, Control.RANDOM).value)
    assert {v.side for v in heights(pair, left, right, sides=(Side.RIGHT,)).values} == {Side.RIGHT}
