"""Difference of two groups of pairs: its error against brute force, and where nothing is claimed."""

import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.group_differences import group_difference

RNG = np.random.default_rng(8)


def brute_force(values, here, left, right):
    """Two-way error by loops over items, and the degrees of freedom."""
    sizes = {True: here.sum(), False: (~here).sum()}
    means = {group: values[here == group].mean() for group in (True, False)}

    def squares(codes):
        n_items = {group: len(set(codes[here == group])) for group in (True, False)}
        found = []
        for item in sorted(set(codes)):
            total = 0.0
            for pair in np.flatnonzero([code == item for code in codes]):
                group = bool(here[pair])
                share = (values[pair] - means[group]) / sizes[group] * (1 if group else -1)
                total += share * (n_items[group] / (n_items[group] - 1)) ** 0.5
            found.append(total**2)
        return np.array(found)

    both = np.array([f"{a} {b}" for a, b in zip(left, right, strict=True)])
    by_left, by_right, by_pair = squares(left), squares(right), squares(both)
    error = max(by_left.sum() + by_right.sum() - by_pair.sum(), by_left.sum(), by_right.sum()) ** 0.5
    degrees = min(
        min(len(one) - 1, 2 / ((one**2).sum() / one.sum() ** 2 - 1 / len(one))) for one in (by_left, by_right)
    )
    return means[True] - means[False], error, degrees


@pytest.mark.parametrize("n_items", [9, 30])
def test_error_and_degrees_are_those_of_loops_over_items(n_items):
    left, right = RNG.integers(0, n_items, 120), RNG.integers(0, n_items, 120)
    here = RNG.random(120) < 0.3
    values = RNG.normal(size=120) + 0.5 * here + RNG.normal(size=n_items)[left]
    found = group_difference(values, here, left, right)
    difference, error, degrees = brute_force(values, here, left, right)
    assert found.difference == pytest.approx(difference)
    assert (found.standard_error, found.degrees) == (pytest.approx(error), pytest.approx(degrees))
    reach = stats.t.ppf(0.975, degrees) * error
    assert (found.low, found.high) == (pytest.approx(difference - reach), pytest.approx(difference + reach))
    if n_items == 30:
        assert found.p_value == pytest.approx(2 * stats.t.sf(abs(difference) / error, degrees))
    else:
        assert found.p_value is None


def test_groups_that_share_no_item_have_the_errors_of_both_means():
    left, here = np.arange(60), np.arange(60) < 20
    values = RNG.normal(size=60) * np.where(here, 3, 1)
    found = group_difference(values, here, left, left)
    parts = [mean_by_codes(values[one], left[one], left[one]) for one in (here, ~here)]
    assert (found.group, found.rest) == tuple(parts)
    errors = [one.standard_error for one in parts]
    assert found.standard_error == pytest.approx(np.hypot(*errors))
    assert found.standard_error == pytest.approx(
        np.sqrt(values[here].var(ddof=1) / 20 + values[~here].var(ddof=1) / 40)
    )


def test_what_moves_both_groups_alike_cancels():
    """Every item has a pair in both groups; items differ much, groups do not."""
    left, here = np.repeat(np.arange(20), 2), np.tile([True, False], 20)
    values = 10 * RNG.normal(size=20)[left] + 0.1 * RNG.normal(size=40) + here
    found = group_difference(values, here, left, np.arange(40))
    apart = group_difference(values, here, np.arange(40), np.arange(40))
    assert found.difference == pytest.approx(1, abs=0.2)
    # The right items are all different, and their share of the error is the bound from below.
    assert found.standard_error == pytest.approx(apart.standard_error)
    together = group_difference(values, here, left, left)
    assert together.standard_error < 0.1 < 1 < apart.standard_error


def test_an_interval_keeps_to_the_range_of_differences():
    left, here = np.arange(40), np.arange(40) < 20
    values = np.where(here, 0.999, 0.001) + RNG.normal(size=40) * 1e-4
    found = group_difference(values, here, left, left, Bounds(0.0, 1.0))
    assert found.high < 1


def test_pairs_without_a_value_are_left_out():
    left, here = np.arange(40), np.arange(40) < 20
    values = RNG.normal(size=40)
    holes = values.copy()
    holes[[3, 30]] = np.nan
    known = ~np.isnan(holes)
    expected = group_difference(values[known], here[known], left[known], left[known])
    assert group_difference(holes, here, left, left) == expected
    assert (expected.group.n, expected.rest.n) == (19, 19)


def test_nothing_is_said_where_a_group_is_empty_or_has_a_single_item():
    left, here = np.arange(10), np.arange(10) < 4
    empty = group_difference(np.where(here, np.nan, 1.0), here, left, left)
    assert (empty.difference, empty.group.n, empty.rest.n) == (None, 0, 6)
    single = group_difference(np.arange(10.0), here, np.where(here, 0, left), left)
    assert (single.difference, single.standard_error, single.p_value) == (-5, None, None)
    assert single.n_clusters == 1
