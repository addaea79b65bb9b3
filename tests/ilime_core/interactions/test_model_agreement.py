"""Correlation of two models' W: as by brute force, and without the part that errors hide."""

import numpy as np
import pytest

from ilime_core.interactions.model_agreement import cell_agreement, disattenuation


def simulated(seed, n_pairs=40, n_cells=60, true=0.8, errors=(0.5, 1.0), common=0.0):
    """Weights of unit variance with a known correlation, and errors that may go together."""
    rng = np.random.default_rng(seed)
    pairs = np.repeat(np.arange(n_pairs), n_cells)
    shared, own = rng.normal(size=(2, len(pairs)))
    first, second = shared, true * shared + np.sqrt(1 - true**2) * own
    noise = rng.normal(size=(2, len(pairs)))
    noise[1] = common * noise[0] + np.sqrt(1 - common**2) * noise[1]
    weights = (first + errors[0] * noise[0], second + errors[1] * noise[1])
    sizes = tuple(np.full(len(pairs), error) for error in errors)
    return weights, sizes, pairs, n_pairs


def test_correlation_reliability_and_bound_are_those_of_brute_force():
    weights, errors, pairs, n_pairs = simulated(0)
    order = np.random.default_rng(1).permutation(len(pairs))
    found = cell_agreement(
        tuple(one[order] for one in weights), tuple(one[order] for one in errors), pairs[order], n_pairs
    )
    for pair in range(n_pairs):
        a, b = (one[pairs == pair] for one in weights)
        assert found.correlation[pair] == pytest.approx(np.corrcoef(a, b)[0, 1], abs=1e-12)
        assert found.first_reliability[pair] == pytest.approx(1 - 57 / 60 * 0.25 / a.var())
        assert found.second_reliability[pair] == pytest.approx(1 - 57 / 60 / b.var())
        assert found.common_error[pair] == pytest.approx(0.5 / (a.std() * b.std()))
    assert found.n_cells.tolist() == [60] * n_pairs


def test_the_disattenuated_correlation_is_the_true_one_and_its_spread_is_foreseen():
    values, foreseen = [], []
    for seed in range(60):
        found = cell_agreement(*simulated(seed))
        one = disattenuation(found.correlation, found.first_reliability, found.second_reliability)
        assert one.influence.mean() == pytest.approx(one.value)
        values.append(one.value)
        foreseen.append(one.influence.std() / np.sqrt(len(one.influence)))
    assert np.mean(values) == pytest.approx(0.8, abs=0.01)
    assert np.mean(foreseen) == pytest.approx(np.std(values), rel=0.25)


def test_errors_that_go_together_raise_it_and_the_bound_holds():
    found = cell_agreement(*simulated(3, n_pairs=400, true=0.3, common=1.0))
    own = (found.first_reliability, found.second_reliability)
    assert disattenuation(found.correlation, *own).value > 0.5
    assert disattenuation(found.correlation - found.common_error, *own).value == pytest.approx(0.3, abs=0.03)


def test_what_cannot_be_known_is_nan_and_no_pair_suffers():
    weights = (np.array([1.0, 2.0, 5.0, 1.0, 1.0, 1.0, 2.0]), np.array([2.0, 4.0, 1.0, 0.0, 1.0, 3.0, 1.0]))
    errors = (np.array([0.0, 0.0, 0.1, 0.1, 0.1, np.nan, 0.1]), np.zeros(7))
    found = cell_agreement(weights, errors, np.array([0, 0, 1, 2, 2, 3, 3]), 5)
    assert found.correlation[0] == pytest.approx(1.0)
    assert np.isnan(found.correlation).tolist() == [False, True, True, False, True]
    assert np.isnan(found.first_reliability[3])
    assert found.n_cells.tolist() == [2, 1, 2, 2, 0]


def test_what_was_not_drawn_is_reliable():
    weights = np.arange(8.0)
    found = cell_agreement((weights, -weights), (np.zeros(8), np.zeros(8)), np.zeros(8, np.int64), 1)
    assert (found.first_reliability[0], found.common_error[0]) == (1.0, 0.0)
    assert found.correlation[0] == pytest.approx(-1.0)


def test_nothing_is_claimed_without_reliable_weights():
    nan = np.full(3, np.nan)
    assert disattenuation(nan, nan, nan) is None
    assert disattenuation(np.ones(3), np.full(3, -0.1), np.ones(3)) is None
