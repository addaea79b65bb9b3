from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import affine, explained, measure, random_game, value

from ilime_core.errors import InputError
from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.asymmetry import ASYMMETRY
from ilime_core.faithfulness.options import MetricOptions


def apart(pair, left, right, mode="score", **options):
    found = measure(MetricSet((ASYMMETRY,), MetricOptions(**{"n_random": 20, **options})), pair, left, right)
    assert {v.mode for v in found.values} == {"score", "cosine"}
    return replace(found, values=tuple(v for v in found.values if v.mode == mode))


def linear(n: int, m: int, left_effects, right_effects):
    """f = sum of left effects kept + sum of right effects kept."""
    left = affine(np.asarray([0.0, 1.0]), np.stack([left_effects, np.zeros(n)], axis=1))
    right = affine(np.asarray([1.0, 0.0]), np.stack([np.zeros(m), right_effects], axis=1))
    return left, right, explained(left, right, n, m)


def test_a_symmetric_game_has_none():
    rng = np.random.default_rng(0)
    tower = affine(rng.normal(size=3), rng.uniform(0.5, 1, size=(40, 3)))
    pair = explained(tower, tower, 40, 40)
    found = apart(pair, tower, tower)
    for control in (Control.EXPLANATION, Control.INTERACTIONS, Control.MAIN_EFFECTS):
        assert value(found, control=control).value == pytest.approx(0, abs=1e-9)
    assert value(found, control=Control.RANDOM).value > 0


def test_it_is_known_by_hand_where_one_side_is_better_ordered():
    # Of 40 left segments half bring 2 and half 0.5, in the surrogate the wrong way round; words bring 1 each.
    effects = np.repeat([2.0, 0.5], 20)
    left, right, pair = linear(40, 40, effects, np.ones(40))
    wrong = replace(pair, left_raw=-pair.left_raw)
    areas = [
        np.trapezoid(np.append(0, np.cumsum(order)) / 50, dx=1 / 40) for order in (effects, effects[::-1])
    ]
    assert areas == pytest.approx([0.65, 0.35])
    for one, area in ((pair, areas[0]), (wrong, areas[1])):
        got = value(apart(one, left, right), control=Control.EXPLANATION)
        assert got.value == pytest.approx(abs(area - 0.5))
        assert got.n_orders == 1
    assert value(apart(wrong, left, right), control=Control.MAIN_EFFECTS).value == pytest.approx(0.15)


def test_in_units_of_the_score_it_is_known_wherever_there_are_two_sides():
    # 4 regions of 2, 1, 1, 0 and 3 words of 1 each: whole regions bring 4, whole words 3, both together 7.
    left, right, pair = linear(4, 3, np.asarray([2.0, 1.0, 1.0, 0.0]), np.ones(3))
    regions = np.trapezoid([3, 5, 6, 7, 7], dx=1 / 4)  # the words are whole
    words = np.trapezoid([4, 5, 6, 7], dx=1 / 3)
    got = value(apart(pair, left, right, mode="cosine"), control=Control.EXPLANATION)
    assert got.value == pytest.approx(abs(regions - words))
    # Segments are counted, however large they are.
    wide = replace(pair, left_areas=np.asarray([0.7, 0.1, 0.1, 0.1]))
    got = value(apart(wide, left, right, mode="cosine"), control=Control.EXPLANATION)
    assert (got.axis, got.value) == ("count", pytest.approx(abs(regions - words)))
    flat = affine(np.ones(2), np.zeros((4, 2))), affine(np.ones(2), np.zeros((3, 2)))
    assert {v.value for v in apart(random_game(0, 4, 3)[2], *flat, mode="cosine").values} == {0.0}


def test_chance_is_the_mean_distance_of_random_orders():
    effects = np.repeat([2.0, 0.5], 20)
    left, right, pair = linear(40, 40, effects, np.ones(40))
    got = value(apart(pair, left, right, n_random=150), control=Control.RANDOM)
    rng = np.random.default_rng(1)
    drawn = [
        abs(np.trapezoid(np.append(0, np.cumsum(rng.permutation(effects))) / 50, dx=1 / 40) - 0.5)
        for _ in range(4000)
    ]
    assert got.value == pytest.approx(np.mean(drawn), rel=0.3)
    assert got.spread == pytest.approx(np.std(drawn), rel=0.3)
    assert got.n_orders == 150


def test_it_is_unknown_where_a_side_does_not_stand_out():
    effects = np.repeat([1.0, -1.0], 20)
    left, right, pair = linear(40, 40, effects, np.ones(40))
    assert {v.value for v in apart(pair, left, right).values} == {None}
    flat = affine(np.ones(2), np.zeros((4, 2))), affine(np.ones(2), np.zeros((3, 2)))
    assert {v.value for v in apart(random_game(0, 4, 3)[2], *flat).values} == {None}


def test_it_reads_two_sides_whatever_else_is_measured():
    options = MetricOptions(n_random=2)
    assert MetricSet((ASYMMETRY,), options).readings[0].options.sides == (Side.LEFT, Side.RIGHT)
    for sides, missing in (((Side.BOTH, Side.LEFT), "right"), ((Side.RIGHT,), "left")):
        with pytest.raises(InputError, match=f"sides left and right, and {missing} is not measured"):
            MetricSet((ASYMMETRY,), MetricOptions(sides=sides)).readings  # noqa: B018


def test_options_move_the_values():
    effects = np.repeat([2.0, 0.5], 20)
    left, right, pair = linear(40, 40, effects, np.ones(40))
    base, coarse, other = (apart(pair, left, right, **o) for o in ({}, {"steps": 2}, {"seed": 1}))
    # With the two ends alone every curve is a straight line.
    assert value(coarse, control=Control.EXPLANATION).value is None
    random = [value(found, control=Control.RANDOM).value for found in (base, other)]
    assert random[0] != pytest.approx(random[1])
