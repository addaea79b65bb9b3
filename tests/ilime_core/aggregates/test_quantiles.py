"""Medians and quantiles.

Proves ilime_core.aggregates.estimate.
"""

import numpy as np
import pytest
from scipy.stats import quantile_test

from ilime_core.aggregates.quantiles import clustered_quantile, median_of_units


@pytest.mark.parametrize("n", [6, 7, 25, 200])
def test_interval_of_a_median_is_between_order_statistics(n):
    values = np.random.default_rng(n).permutation(n) + 1
    found = median_of_units(values)
    expected = quantile_test(values, p=0.5).confidence_interval(0.95)
    assert (found.low, found.high) == (expected.low, expected.high)
    assert found.value == np.median(values)
    assert found.standard_error is None


def test_few_values_have_no_interval():
    assert median_of_units(np.arange(5)).low is None
    assert median_of_units(np.arange(5)).value == 2
    assert median_of_units(np.arange(0)).value is None


def test_intervals_cover_the_quantile_of_clustered_values():
    rng = np.random.default_rng(0)
    left, right = np.repeat(np.arange(60), 5), np.arange(300)
    n_covered = 0
    for _ in range(300):
        values = np.repeat(rng.normal(size=60), 5) + rng.normal(size=300)
        found = clustered_quantile(values, left, right, 0.8)
        n_covered += found.low <= 0.8416 * np.sqrt(2) <= found.high
    assert 0.92 <= n_covered / 300 <= 0.99


def test_clusters_widen_the_interval():
    rng = np.random.default_rng(1)
    values = np.repeat(rng.normal(size=60), 5) + 0.1 * rng.normal(size=300)
    left, right = np.repeat(np.arange(60), 5), np.arange(300)
    shared, alone = (clustered_quantile(values, groups, right, 0.95) for groups in (left, right))
    assert shared.value == alone.value == pytest.approx(np.quantile(values, 0.95))
    assert shared.high - shared.low > 1.3 * (alone.high - alone.low)
    assert (shared.n, alone.n) == (60, 300)


def test_one_item_on_a_side_has_no_interval():
    found = clustered_quantile(np.arange(9.0), np.zeros(9, dtype=np.int64), np.arange(9), 0.5)
    assert (found.value, found.low) == (4.0, None)
    none = np.zeros(0, dtype=np.int64)
    assert clustered_quantile(np.zeros(0), none, none, 0.5).value is None


def test_a_quantile_that_no_value_exceeds_has_no_interval():
    left, right = np.repeat(np.arange(3), 4), np.tile(np.arange(4), 3)
    found = clustered_quantile(np.repeat([1.0, 0.5, 0.2], 4), left, right, 0.95)
    assert (found.value, found.low, found.high) == (1.0, None, None)
