import numpy as np
import pytest
from scipy import stats

from ilime_core.errors import InputError
from ilime_core.interactions.significance import two_sided_p_values


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
