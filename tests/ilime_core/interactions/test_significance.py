import numpy as np
import pytest
from scipy import stats

from ilime_core.errors import InputError
from ilime_core.interactions.significance import LEVEL, half_widths, pair_significance, two_sided_p_values


def test_p_values_are_those_of_tables_of_the_t_distribution():
    # Two-sided 5 % points of Student's t in printed tables, and of the normal law.
    weights = np.array([12.706, -4.303, 2.120, -2.042, 1.960, 0.0])
    degrees = np.array([1.0, 2.0, 16.0, 30.0, np.inf, 16.0])
    p_values = two_sided_p_values(weights, np.ones(6), degrees)
    assert p_values == pytest.approx([0.05] * 5 + [1.0], abs=5e-5)
    # Units do not matter, and fractions of degrees are allowed.
    assert two_sided_p_values(3e-4 * weights, np.full(6, 3e-4), degrees) == pytest.approx(p_values)
    one = two_sided_p_values(np.array([[2.5]]), np.array([[1.0]]), np.array([[7.3]]))
    assert one == pytest.approx(2 * stats.t.sf(2.5, 7.3))


def test_a_known_weight_is_zero_or_not_and_an_unknown_error_says_nothing():
    weights = np.array([1e-9, 0.0, 1.0, 1.0])
    errors = np.array([0.0, 0.0, np.nan, 1.0])
    degrees = np.array([np.nan, np.nan, np.nan, np.nan])
    p_values = two_sided_p_values(weights, errors, degrees)
    assert p_values[:2].tolist() == [0, 1]
    assert np.isnan(p_values[2:]).all()


def test_impossible_errors_are_refused():
    one = np.ones(1)
    with pytest.raises(InputError, match="positive, got"):
        two_sided_p_values(one, -one, one)
    with pytest.raises(InputError, match="positive, got"):
        two_sided_p_values(one, one, 0 * one)


def _of_one(weights, errors, degrees, present=None):
    weights, errors, degrees = (
        np.broadcast_to(np.asarray(one, float), np.shape(weights))[None] for one in (weights, errors, degrees)
    )
    present = np.ones(weights.shape, dtype=bool) if present is None else np.asarray(present)[None]
    return pair_significance(weights, errors, degrees, present)


def test_cells_of_a_pair_are_corrected_for_their_number():
    # p of 5, 4, 2.4, 1, .5, .1 at 10 degrees are .0005, .0025, .037, .34, .63 and .92: times 6, 3 and 2 the
    # first are .003, .008 and .075.
    weights = [[5.0, -4.0, 0.1], [1.0, -0.5, 2.4]]
    found = _of_one(weights, 1.0, 10.0)
    assert found.p_values[0, 0] == pytest.approx([0.000537, 0.002518, 0.922], rel=1e-2)
    assert found.smallest_adjusted.tolist() == pytest.approx([6 * 0.000537], rel=1e-2)
    assert found.share.tolist() == [pytest.approx(2 / 6)]
    by_scipy = stats.false_discovery_control(found.p_values.ravel()).reshape(2, 3)
    np.testing.assert_allclose(found.adjusted[0], by_scipy)
    assert _of_one(weights, 1.0, np.inf).share.tolist() == [pytest.approx(3 / 6)]
    assert _of_one(weights, 10.0, 10.0).share.tolist() == [0]


def test_padding_is_no_cell():
    weights, present = [[5.0, 9.0], [0.1, 9.0]], [[True, False], [True, False]]
    found = _of_one(weights, 1.0, 10.0, present)
    assert found.share.tolist() == [0.5]
    assert found.smallest_adjusted.tolist() == pytest.approx([2 * 0.000537], rel=1e-2)
    assert np.isnan(found.p_values[0, :, 1]).all()
    assert np.isnan(found.adjusted[0, :, 1]).all()


def test_padding_of_zeros_is_no_cell_either():
    weights, present = [[5.0, 0.0], [0.1, 0.0]], np.array([[True, False], [True, False]])
    padded, alone = (
        _of_one(weights, 1.0 * present, 10.0 * present, present),
        _of_one([[5.0], [0.1]], 1.0, 10.0),
    )
    np.testing.assert_array_equal(padded.p_values[:, :, :1], alone.p_values)
    assert np.isnan(padded.p_values[:, :, 1]).all()
    assert padded.share == alone.share == 0.5
    assert padded.smallest_adjusted == alone.smallest_adjusted


def test_nothing_is_certain_where_nothing_was_drawn_or_errors_are_unknown():
    for errors in (0.0, np.nan):
        found = _of_one([[1.0, 0.0]], errors, np.nan)
        assert np.isnan(found.p_values).all()
        assert np.isnan([found.share, found.smallest_adjusted]).all()
    # A known cell beside drawn ones is counted, and its p-value is none.
    mixed = _of_one([[5.0, 0.1, 1.0, 0.0]], [[1.0, 1.0, 0.0, 0.0]], [[10.0, 10.0, np.nan, np.nan]])
    assert mixed.share.tolist() == [0.5]
    assert np.isnan(mixed.p_values).tolist() == [[[False, False, True, True]]]


def test_pairs_are_tested_by_themselves():
    both = np.array([[[5.0, 0.1]], [[0.2, 0.1]]])
    found = pair_significance(both, np.ones((2, 1, 2)), np.full((2, 1, 2), 10.0), np.ones((2, 1, 2), bool))
    assert found.share.tolist() == [0.5, 0]
    assert found.smallest_adjusted[1] > LEVEL


def test_an_interval_holds_zero_just_when_its_p_value_is_above_the_level():
    rng = np.random.default_rng(0)
    weights, errors = rng.normal(size=1000), rng.uniform(0.1, 2, 1000)
    degrees = rng.choice([1.0, 3.0, 30.0, np.inf], 1000)
    halves = half_widths(errors, degrees)
    np.testing.assert_array_equal(abs(weights) < halves, two_sided_p_values(weights, errors, degrees) > LEVEL)


def test_half_widths_of_known_and_unknown_errors():
    halves = half_widths(np.array([0.0, np.nan, 1.0]), np.array([np.nan, 5.0, np.nan]))
    np.testing.assert_array_equal(halves, [0.0, np.nan, np.nan])
