from dataclasses import replace

import numpy as np
import pytest
from every import every
from planted_pairs import additive_game, affine, measure, random_game, score, value

from ilime_core.faithfulness.fresh_coalitions import fresh_coalitions
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metric_set import MetricSet
from ilime_core.faithfulness.metrics.infidelity import INFIDELITY, mean_squared_gap, scaled_squared_gap
from ilime_core.faithfulness.options import MetricOptions

OPTIONS = MetricOptions(n_coalitions=20)
P = (0.3, 0.5, 0.7)


def gaps(pair, left, right, options=OPTIONS):
    return measure(MetricSet((INFIDELITY,), options), pair, left, right)


def of(found, p, control=Control.EXPLANATION, metric="infidelity"):
    return value(found, metric=metric, mode=f"p={p}", control=control).value


def scaled(pair, factor):
    names = ("interactions", "left_raw", "right_raw", "left_main", "right_main")
    return replace(pair, **{name: factor * getattr(pair, name) for name in names})


def test_a_bilinear_game_is_told_exactly_by_the_full_surrogate_alone():
    left, right, pair = random_game(0, 6, 5)
    found = gaps(pair, left, right)
    for p in P:
        for metric in ("infidelity", "infidelity_scaled"):
            assert of(found, p, metric=metric) == pytest.approx(0, abs=1e-18)
            assert of(found, p, Control.MAIN_EFFECTS, metric) > 0.1


def test_an_additive_game_is_told_exactly_by_main_effects_too():
    left, right, pair = additive_game(1, 6, 5)
    found = gaps(pair, left, right)
    assert every(v.value == pytest.approx(0, abs=1e-18) for v in found.values)


def test_values_equal_those_of_every_combination_one_by_one():
    left, right, pair = random_game(2, 5, 4)
    pair = replace(pair, interactions=pair.interactions + 1, left_raw=pair.left_raw - 0.5)
    found = gaps(pair, left, right)
    ones = np.ones(5), np.ones(4)

    def said(x, y, control):
        if control is Control.MAIN_EFFECTS:
            return x @ pair.left_main + y @ pair.right_main
        return x @ pair.left_raw + y @ pair.right_raw + x.astype(float) @ pair.interactions @ y

    for p in P:
        rows, columns = (fresh_coalitions(OPTIONS, name, n, p) for name, n in (("i1", 5), ("t1", 4)))
        for control in (Control.EXPLANATION, Control.MAIN_EFFECTS):
            true = [score(left, right, *ones) - score(left, right, x, y) for x in rows for y in columns]
            predicted = [said(*ones, control) - said(x, y, control) for x in rows for y in columns]
            true, predicted = np.asarray(true), np.asarray(predicted)
            assert of(found, p, control) == pytest.approx(((true - predicted) ** 2).mean())
            best = min(((true - factor * predicted) ** 2).mean() for factor in np.linspace(-3, 3, 6001))
            assert of(found, p, control, "infidelity_scaled") == pytest.approx(best, rel=1e-4)


def test_the_scaled_variant_asks_for_no_units():
    left, right, pair = random_game(3, 6, 5)
    for factor in (100.0, -0.01):
        found = gaps(scaled(pair, factor), left, right)
        assert of(found, 0.5) > 0.1
        assert of(found, 0.5, metric="infidelity_scaled") == pytest.approx(0, abs=1e-12)


def test_a_silent_surrogate_misses_the_whole_change_and_a_constant_score_has_none():
    left, right, pair = random_game(4, 6, 5)
    found = gaps(scaled(pair, 0.0), left, right)
    rows, columns = (fresh_coalitions(OPTIONS, name, n, 0.5) for name, n in (("i1", 6), ("t1", 5)))
    whole = score(left, right, np.ones(6), np.ones(5))
    squares = [(whole - score(left, right, x, y)) ** 2 for x in rows for y in columns]
    for metric in ("infidelity", "infidelity_scaled"):
        assert of(found, 0.5, metric=metric) == pytest.approx(np.mean(squares))
    flat = affine(np.ones(2), np.zeros((6, 2))), affine(np.ones(2), np.zeros((5, 2)))
    constant = gaps(pair, *flat)
    assert of(constant, 0.5, metric="infidelity_scaled") == pytest.approx(0, abs=1e-18)
    assert of(constant, 0.5) > 0.1


def test_gaps_are_known_by_hand():
    predicted, true = np.asarray([[1.0, 2.0]]), np.asarray([[2.0, 1.0]])
    assert mean_squared_gap(predicted, true) == pytest.approx(1.0)
    # The best factor is 4/5: gaps 6/5 and -3/5.
    assert scaled_squared_gap(predicted, true) == pytest.approx((1.44 + 0.36) / 2)


def test_options_move_the_values():
    left, right, pair = random_game(5, 7, 5)
    base = of(gaps(pair, left, right), 0.5, Control.MAIN_EFFECTS)
    for options in (replace(OPTIONS, seed=1), replace(OPTIONS, n_coalitions=10)):
        assert of(gaps(pair, left, right, options), 0.5, Control.MAIN_EFFECTS) != pytest.approx(base)
    some = gaps(pair, left, right, replace(OPTIONS, probabilities=(0.2,)))
    assert {v.mode for v in some.values} == {"p=0.2"}
