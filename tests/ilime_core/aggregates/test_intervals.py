"""Intervals stay inside the range, and agree with the test of the same mean.

Proves ilime_core.aggregates.bounds.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS, MeanEstimate, p_value, range_interval
from ilime_core.errors import InputError

SHARE = Bounds(0.0, 1.0)


def names(prefix, count):
    return [f"{prefix}{number}" for number in range(count)]


def of_items(values, bounds=UNBOUNDED):
    """Pairs that share nothing."""
    return clustered_mean(np.asarray(values), names("i", len(values)), names("t", len(values)), bounds=bounds)


def test_without_ends_it_is_students_interval():
    got = range_interval(MeanEstimate(0.3, 0.1, 7.5, 9))
    assert got == pytest.approx(stats.t.interval(0.95, 7.5, loc=0.3, scale=0.1), rel=1e-9)


def test_between_two_ends_it_is_students_interval_of_the_logit():
    # logit(.25) = -log 3, slope 1 / (.25 * .75); on a range of width 4 from -1 the mean 0 is the share .25.
    low, high = (-np.log(3) + sign * stats.t.ppf(0.975, 9) * 0.05 / (0.25 * 0.75) for sign in (-1, 1))
    wanted = [1 / (1 + np.exp(-end)) for end in (low, high)]
    assert range_interval(MeanEstimate(0.25, 0.05, 9.0, 10, SHARE)) == pytest.approx(wanted)
    wide = range_interval(MeanEstimate(0.0, 0.2, 9.0, 10, Bounds(-1.0, 3.0)))
    assert wide == pytest.approx([4 * end - 1 for end in wanted])


def test_below_one_end_it_is_students_interval_of_the_logarithm():
    reach = np.exp(stats.t.ppf(0.975, 4) * 0.3 / 0.8)
    assert range_interval(MeanEstimate(0.2, 0.3, 4.0, 5, Bounds(high=1.0))) == pytest.approx(
        (1 - 0.8 * reach, 1 - 0.8 / reach)
    )
    assert range_interval(MeanEstimate(0.8, 0.3, 4.0, 5, Bounds(low=0.0))) == pytest.approx(
        (0.8 / reach, 0.8 * reach)
    )


@pytest.mark.parametrize(
    ("values", "bounds"),
    [
        ([1.0, 1.0, 0.334], SHARE),  # a pointing game that was told as -0.178 to 1.734
        ([0.9, 0.95, -0.9], Bounds(high=1.0)),  # an R2 that was told as up to 1.563
        ([0.0, 0.0, 0.0, 1.0], SHARE),
        ([1.0, 1.0, 1.0], SHARE),
        ([0.0, 9.0], Bounds(low=0.0)),
    ],
)
def test_no_interval_leaves_the_range(values, bounds):
    plain, got = of_items(values), of_items(values, bounds)
    assert bounds.low is None or got.low >= bounds.low
    assert bounds.high is None or got.high <= bounds.high
    assert got.low <= got.mean <= got.high
    assert (got.mean, got.standard_error) == (plain.mean, plain.standard_error)


def test_a_mean_at_an_end_has_the_interval_of_a_share_of_none():
    t2 = stats.t.ppf(0.975, 11) ** 2
    got = of_items(np.zeros(12), SHARE)
    assert (got.low, got.high) == (0.0, pytest.approx(t2 / (12 + t2)))
    assert (of_items(np.ones(12), SHARE).low, of_items(np.ones(12), SHARE).high) == (
        pytest.approx(12 / (12 + t2)),
        1.0,
    )


def test_where_an_interval_cannot_be_had_there_is_none():
    assert of_items(np.zeros(12), Bounds(low=0.0)).low is None  # nothing tells how far it might be off
    assert of_items(np.full(12, 1.5), SHARE).high is None  # not what the metric declares
    assert of_items([0.5], SHARE).low is None


@pytest.mark.parametrize(
    ("bounds", "null"),
    [
        (UNBOUNDED, 0.0),
        (SHARE, 0.1),
        (Bounds(-1.0, 1.0), 0.0),
        (Bounds(high=1.0), 0.0),
        (Bounds(low=0.0), 0.1),
    ],
)
def test_the_p_value_is_small_exactly_where_the_interval_excludes_the_constant(bounds, null):
    estimate = MeanEstimate(0.3, 0.1, 9.0, 10, bounds)
    low, _ = range_interval(estimate)
    assert p_value(estimate, low) == pytest.approx(0.05)
    level = 1 - p_value(estimate, null)
    assert range_interval(estimate, level)[0] == pytest.approx(null, abs=1e-9)


def test_at_an_end_the_p_value_is_that_of_the_score_test():
    estimate = MeanEstimate(1.0, 0.0, 11.0, 12, SHARE)
    low, _ = range_interval(estimate)
    assert p_value(estimate, low) == pytest.approx(0.05)
    assert p_value(estimate, 1.0) is None
    assert p_value(replace(estimate, bounds=Bounds(high=1.0)), 0.0) is None


def test_nothing_is_tested_below_the_fewest_clusters():
    values = np.linspace(0.5, 1.0, FEWEST_CLUSTERS)
    assert of_items(values[1:]).p_value(0.0) is None
    assert of_items(values).p_value(0.0) < 1e-4
    doubled = clustered_mean(np.repeat(values, 2), ["one", "two"] * 10, names("t", 20))
    assert (doubled.n, doubled.n_clusters, doubled.p_value(0.0)) == (20, 2, None)


def test_a_variance_that_hangs_on_one_item_has_few_degrees_of_freedom():
    even, uneven = of_items([1.0, -1.0] * 10), of_items([0.01, -0.01] * 9 + [1.0, 2.0])
    assert even.degrees == 19
    assert uneven.degrees < 4
    # By hand: squares 1, 1, 4 of residuals -1, -1, 2; 2 / (18/36 - 1/3) = 12, at most 2.
    assert of_items([0.0, 0.0, 3.0]).degrees == 2


def test_a_range_needs_its_ends_in_order():
    with pytest.raises(InputError, match=r"got 1\.0 and 1\.0"):
        Bounds(1.0, 1.0)
    assert SHARE.of_difference == Bounds(-1.0, 1.0)
    assert Bounds(high=1.0).of_difference == UNBOUNDED


def test_adjusted_p_values_are_those_of_the_step_up_procedure():
    p = np.array([0.04, 0.001, 0.03, 0.5])
    # Sorted .001, .03, .04, .5: times 4/1, 4/2, 4/3, 4/4, then the running minimum from the largest.
    assert benjamini_hochberg(p) == pytest.approx([0.16 / 3, 0.004, 0.16 / 3, 0.5])
    assert benjamini_hochberg(p) == pytest.approx(stats.false_discovery_control(p))
    assert len(benjamini_hochberg(np.array([]))) == 0
    with pytest.raises(InputError, match="1 of 2"):
        benjamini_hochberg(np.array([0.5, 1.5]))


def test_families_are_corrected_by_themselves_and_what_is_no_test_does_not_count():
    p = np.array([[0.04, 0.001, np.nan, 0.03], [0.5, np.nan, np.nan, np.nan], [np.nan] * 4])
    first = stats.false_discovery_control([0.04, 0.001, 0.03])
    found = benjamini_hochberg(p)
    assert found[0, [0, 1, 3]] == pytest.approx(first)
    assert found[1, 0] == 0.5
    assert np.isnan(found).tolist() == np.isnan(p).tolist()


@pytest.mark.parametrize("n_left", [10, 50])
@pytest.mark.parametrize("shape", [(5.0, 5.0), (1.0, 9.0), (18.0, 2.0)])
def test_intervals_of_small_bounded_means_cover_the_truth_and_never_leave_the_range(n_left, shape):
    """Shares of pairs by a beta law whose mean varies by image and by caption; three captions an image."""
    rng = np.random.default_rng(7)
    a, b = shape
    left, right = np.repeat(np.arange(n_left), 3), np.arange(3 * n_left)
    lefts, rights = ([f"{number}" for number in side.tolist()] for side in (left, right))
    truth, covered, n = a / (a + b), 0, 400
    for _ in range(n):
        of_left = rng.beta(2 * a, 2 * b, n_left)[left]
        values = rng.beta(40 * of_left, 40 * (1 - of_left))
        got = clustered_mean(values, lefts, rights, bounds=SHARE)
        assert 0 <= got.low <= got.high <= 1
        covered += got.low <= truth <= got.high
    assert 0.92 <= covered / n <= 0.98
