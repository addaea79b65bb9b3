from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import additive_game, affine, explained, measure, random_game, value

from ilime_core.faithfulness.area_between import AID
from ilime_core.faithfulness.curves import Target
from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.options import MetricOptions


def aid(pair, left, right, **options):
    return measure(MetricSet((AID,), MetricOptions(**{"n_random": 3, **options})), pair, left, right)


def of(found, control, mode=Target.SCORE, axis="count", side=Side.LEFT):
    return value(found, metric="aid", mode=mode, control=control, axis=axis, side=side)


def staircase():
    """Left segments bring 3, 2 and 1; the two right ones nothing."""
    left = affine(np.asarray([0.0]), np.asarray([[3.0], [2.0], [1.0]]))
    right = affine(np.asarray([1.0]), np.zeros((2, 1)))
    return left, right, replace(explained(left, right, 3, 2), left_areas=np.asarray([0.5, 0.3, 0.2]))


def opposite(pair):
    names = ("interactions", "left_raw", "right_raw", "left_main", "right_main")
    return replace(pair, **{name: -getattr(pair, name) for name in names})


def test_a_perfect_order_is_known_by_hand_on_both_axes():
    left, right, pair = staircase()
    found = aid(pair, left, right)
    # Least first leaves 6, 5, 3, 0; most first leaves 6, 3, 1, 0.
    for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
        got = of(found, control)
        assert got.value == pytest.approx((5.5 + 4 + 1.5) / 3 - (4.5 + 2 + 0.5) / 3)
        late = 0.2 * 5.5 + 0.3 * 4 + 0.5 * 1.5
        early = 0.5 * 4.5 + 0.3 * 2 + 0.2 * 0.5
        assert of(found, control, axis="area").value == pytest.approx(late - early)


def test_the_worst_order_gives_the_negative_and_chance_nothing():
    left, right, pair = random_game(1, 5, 4)
    best, worst = (aid(one, left, right) for one in (pair, opposite(pair)))
    for mode, control in (
        (Target.SCORE, Control.EXPLANATION),
        (Target.MIXED_DIFFERENCE, Control.INTERACTIONS),
    ):
        for side in (Side.LEFT, Side.RIGHT):
            assert of(best, control, mode, side=side).value > 0.1
            turned = of(worst, control, mode, side=side).value
            assert turned == pytest.approx(-of(best, control, mode, side=side).value)
    assert of(best, Control.RANDOM).value == 0


def test_the_best_one_sided_order_is_the_best_of_all_orders():
    import itertools

    left, right, pair = random_game(3, 5, 3)
    best = of(aid(pair, left, right), Control.EXPLANATION).value
    scores = left(np.eye(5, dtype=bool)) @ right(np.ones((1, 3), dtype=bool))[0]
    scores -= left(np.zeros((1, 5), dtype=bool))[0] @ right(np.ones((1, 3), dtype=bool))[0]

    def left_over(order):
        curve = scores.sum() - np.append(0.0, np.cumsum(scores[list(order)]))
        return np.trapezoid(curve, dx=1 / 5)

    every = [left_over(order) for order in itertools.permutations(range(5))]
    assert best == pytest.approx(max(every) - min(every))


def test_on_an_additive_game_main_effects_keep_the_joint_order_that_the_explanation_does():
    left, right, pair = additive_game(6, 5, 4)
    found = aid(pair, left, right)
    gains = np.concatenate([pair.left_raw, pair.right_raw])
    late, early = (
        np.trapezoid(np.append(0.0, np.cumsum(np.sort(gains)[::step])), dx=1 / 9) for step in (1, -1)
    )
    for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
        assert of(found, control, side=Side.BOTH).value == pytest.approx(early - late)


def test_a_constant_score_has_no_area():
    _, _, pair = random_game(0, 4, 3)
    flat = affine(np.ones(2), np.zeros((4, 2))), affine(np.ones(2), np.zeros((3, 2)))
    for found in aid(pair, *flat).values:
        assert found.value == pytest.approx(0, abs=1e-12)
        assert found.normalised is None


def test_areas_are_normalised_by_the_rise_where_it_stands_out():
    left = affine(np.asarray([0.0]), np.linspace(1, 2, 40)[:, None])
    right = affine(np.asarray([1.0]), np.zeros((2, 1)))
    found = aid(explained(left, right, 40, 2), left, right, n_random=20)
    got = of(found, Control.EXPLANATION)
    assert got.normalised == pytest.approx(got.value / 60)
    assert of(found, Control.RANDOM).normalised == 0


def test_the_spread_of_chance_is_that_of_differences_of_two_random_orders():
    left, right, pair = additive_game(2, 4, 3)
    few = of(aid(pair, left, right, n_random=400, sides=(Side.LEFT,)), Control.RANDOM)
    rng = np.random.default_rng(0)
    gains = np.diff(left(np.tril(np.ones((5, 4), dtype=bool), -1)), axis=0) @ right(np.ones((1, 3), bool))[0]
    areas = []
    for _ in range(4000):
        rest = gains.sum() - np.append(0.0, np.cumsum(rng.permutation(gains)))
        again = gains.sum() - np.append(0.0, np.cumsum(rng.permutation(gains)))
        areas.append(np.trapezoid(rest, dx=0.25) - np.trapezoid(again, dx=0.25))
    assert few.spread == pytest.approx(np.std(areas), rel=0.15)
    assert few.n_orders == 400


def test_options_move_the_values():
    left, right, pair = random_game(4, 8, 6)
    base = aid(pair, left, right)
    coarse = aid(pair, left, right, steps=3)
    assert of(coarse, Control.EXPLANATION).value != pytest.approx(of(base, Control.EXPLANATION).value)
    seeds = of(aid(pair, left, right, seed=1), Control.RANDOM).spread, of(base, Control.RANDOM).spread
    assert seeds[0] != pytest.approx(seeds[1])
    assert {v.side for v in aid(pair, left, right, sides=(Side.RIGHT,)).values} == {Side.RIGHT}
