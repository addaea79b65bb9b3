"""Metrics of refitted explanations on matrices whose agreement is known by hand.

Proves ilime_core.faithfulness.metrics.consistency, ilime_core.faithfulness.metrics.max_sensitivity,
ilime_core.faithfulness.metrics.randomised_weights, ilime_core.faithfulness.metrics.stability and
ilime_core.faithfulness.refit_agreement.
"""

from dataclasses import replace

import numpy as np
import pytest
from stored_pairs import stored

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.metrics.consistency import consistency
from ilime_core.faithfulness.metrics.max_sensitivity import max_sensitivity, max_sensitivity_of
from ilime_core.faithfulness.metrics.randomised_weights import randomised_weights
from ilime_core.faithfulness.metrics.stability import stability
from ilime_core.faithfulness.refit_agreement import chance_agreement, pearson, relative_change, spearman
from ilime_core.faithfulness.refits import Variation
from ilime_core.faithfulness.registry import METRICS

REFITTING = tuple(name for name in METRICS.names if METRICS[name].variations)

W = np.array([[4.0, -1.0], [2.0, 3.0]])
SWAPPED = np.array([[-1.0, 4.0], [2.0, 3.0]])
"""Ranks 4 1 2 3 against 1 4 2 3: squared distances 9 + 9, so Spearman is 1 - 6 * 18 / (4 * 15)."""


def rng():
    return np.random.default_rng(0)


def refitted(w, /, **refits):
    """A pair with the W of each draw of some variations."""
    return replace(stored(w), refits={Variation(name): draws for name, draws in refits.items()})


def test_spearman_and_pearson_are_those_of_the_definition():
    assert spearman(W, np.stack([W, -W, W**3, SWAPPED])) == pytest.approx([1, -1, 1, -0.8])
    x, y = W.ravel() - W.mean(), (W**3).ravel() - (W**3).mean()
    wanted = x @ y / np.sqrt((x @ x) * (y @ y))
    assert pearson(W, np.stack([2 * W + 5, W**3])) == pytest.approx([1, wanted])


def test_ties_take_the_mean_rank():
    tied = np.array([[1.0, 1.0], [2.0, 3.0]])
    # Ranks 4 1 2 3 against 1.5 1.5 3 4, both centred: -1.5 + 1.5 - .25 + .75 over sqrt(5 * 4.5).
    assert spearman(W, tied[None]) == pytest.approx(0.5 / np.sqrt(5 * 4.5))


def test_a_matrix_of_rounding_errors_has_no_opinion():
    noise = 1e-9 * W
    assert np.isnan(spearman(W, noise[None])).all()
    assert np.isnan(pearson(W, noise[None])).all()
    assert np.isnan(relative_change(noise, W[None])).all()
    assert relative_change(W, noise[None]) == pytest.approx(1.0)


def test_stability_is_the_mean_over_draws_by_what_was_varied():
    seeds, _, _ = stability(refitted(W, seed=np.stack([W, SWAPPED])))
    assert (seeds.metric, seeds.mode) == ("stability_spearman", "seed")
    assert seeds.value == pytest.approx((1 - 0.8) / 2)
    assert seeds.spread == pytest.approx(1.8 / np.sqrt(2))
    assert seeds.n_orders == 2
    _, noise = stability(refitted(W, noise=-W[None]))
    assert (noise.metric, noise.mode) == ("stability_pearson", "noise")
    assert (noise.value, noise.spread, noise.n_orders) == (pytest.approx(-1), None, 1)


def test_rows_missed_under_other_masks_are_those_that_a_refit_ranks_lower():
    w = np.diag([5.0, 4, 3, 2, 1, 1, 1, 1])  # rows 0 and 1 are the strongest quarter
    swapped = np.diag([5.0, 1, 1, 1, 4, 1, 1, 1])  # finds one of them
    neither = np.diag([0.0, 0, 3, 2, 1, 1, 1, 1])
    *_, missed = stability(refitted(w, seed=np.stack([w, swapped, neither])))
    assert (missed.metric, missed.mode, missed.control) == ("missed_rows", "none", Control.EXPLANATION)
    assert missed.value == pytest.approx((0 + 0.5 + 1) / 3)
    assert missed.n_orders == 3
    assert stability(refitted(np.zeros((4, 2)), seed=np.ones((1, 4, 2))))[2].value is None
    assert {value.metric for value in stability(refitted(w, noise=w[None]))} == {
        "stability_spearman",
        "stability_pearson",
    }


def test_nothing_varied_is_not_stability():
    for name in REFITTING:
        nothing = {str(variation): np.zeros((0, 2, 2)) for variation in METRICS[name].variations}
        values = METRICS[name].make(refitted(W, **nothing))
        assert {(value.value, value.spread, value.n_orders) for value in values} == {(None, None, 0)}
        assert METRICS[name].make(stored(W)) == ()
    assert max_sensitivity(W, np.zeros((0, 2, 2))) is None


def test_max_sensitivity_is_the_largest_relative_change():
    # Changes of one cell by 3 and by 5 of a norm of sqrt(16 + 1 + 4 + 9).
    draws = W + np.array([[[0, 3], [0, 0]], [[-5, 0], [0, 0]], [[0, 0], [0, 0]]])
    assert max_sensitivity(W, draws) == pytest.approx(5 / np.sqrt(30))
    [value] = max_sensitivity_of(refitted(W, radius=draws))
    assert value.value == pytest.approx(5 / np.sqrt(30))
    assert value.spread == pytest.approx(np.std([3, 5, 0], ddof=1) / np.sqrt(30))
    assert value.n_orders == 3
    assert max_sensitivity(1e-9 * W, draws) is None


def test_random_models_are_judged_by_magnitude_beside_chance():
    own, chance, pearson_own, pearson_chance = randomised_weights(
        refitted(W, weights=np.stack([W, -W, SWAPPED]))
    )
    assert own.value == pytest.approx((1 + 1 + 0.8) / 3)
    assert (own.control, own.n_orders) == (Control.EXPLANATION, 3)
    assert (chance.control, chance.n_orders) == (Control.RANDOM, 60)
    # Centred cells 2 -3 0 1 against -3 2 0 1: -11 of 14.
    assert pearson_own.value == pytest.approx((1 + 1 + 11 / 14) / 3)
    assert pearson_own.metric == pearson_chance.metric == "randomised_weights_pearson"
    assert (pearson_own.control, pearson_chance.control) == (Control.EXPLANATION, Control.RANDOM)


def test_chance_is_that_of_all_permutations_of_rows_and_columns():
    drawn = chance_agreement(spearman, W, W[None], 4000, rng())
    # All four arrangements of two rows and two columns are equally likely.
    moved = np.stack([W, W[::-1], W[:, ::-1], W[::-1, ::-1]])
    every = spearman(W, moved)
    values, counts = np.unique(drawn.round(9), return_counts=True)
    assert values == pytest.approx(np.unique(every.round(9)))
    assert drawn.mean() == pytest.approx(every.mean(), abs=0.03)
    assert counts.sum() == 4000
    again = chance_agreement(spearman, W, W[None], 4000, np.random.default_rng(1))
    assert (again != drawn).any()


def test_chance_of_unrelated_maps_shrinks_with_their_size():
    generator = rng()
    small, large = (generator.standard_normal((n, n)) for n in (4, 20))
    means = [
        np.abs(chance_agreement(spearman, one, one.T[None], 200, generator)).mean() for one in (small, large)
    ]
    # |correlation| of N independent numbers is sqrt(2 / (pi N)) in the mean.
    assert means == pytest.approx([np.sqrt(2 / np.pi) / n for n in (4, 20)], rel=0.2)


def test_consistency_is_a_single_spearman():
    value, linear = consistency(refitted(W, model=SWAPPED[None]))
    assert (value.metric, value.value, value.spread, value.n_orders) == (
        "consistency",
        pytest.approx(-0.8),
        None,
        1,
    )
    assert (linear.metric, linear.value) == ("consistency_pearson", pytest.approx(-11 / 14))


def test_every_metric_says_what_it_needs():
    assert len(REFITTING) == 4
    for name in REFITTING:
        for variation in METRICS[name].variations:
            values = METRICS[name].make(refitted(W, **{str(variation): SWAPPED[None]}))
            # Rows that refits miss stand beside those that the linear surrogate misses.
            assert {value.mode for value in values} - {"none"} == {variation.value}
