import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.clustered_mean import ClusteredMean, clustered_mean, dense_codes
from ilime_core.errors import InputError


def names(prefix: str, codes: np.ndarray) -> list[str]:
    return [f"{prefix}{code}" for code in codes]


def variance_by_double_sum(values: np.ndarray, left: np.ndarray, right: np.ndarray) -> float:
    """Two-way clustered variance as a sum over all pairs of pairs that share an item."""
    e = values - values.mean()

    def factor(groups):
        count = len(set(groups))
        return count / (count - 1)

    total = 0.0
    both = list(zip(left, right, strict=True))
    for p in range(len(e)):
        for q in range(len(e)):
            total += e[p] * e[q] * (left[p] == left[q]) * factor(left)
            total += e[p] * e[q] * (right[p] == right[q]) * factor(right)
            total -= e[p] * e[q] * (both[p] == both[q]) * factor(both)
    return total / len(e) ** 2


def crossed(rng: np.random.Generator, n_left: int = 25, n_right: int = 40, n_pairs: int = 150):
    flat = rng.choice(n_left * n_right, size=n_pairs, replace=False)
    left, right = flat // n_right, flat % n_right
    values = rng.normal(size=n_left)[left] + 0.7 * rng.normal(size=n_right)[right] + rng.normal(size=n_pairs)
    return values, left, right


def test_the_variance_is_the_double_sum_over_pairs_that_share_an_item():
    values, left, right = crossed(np.random.default_rng(0))
    got = clustered_mean(values, names("i", left), names("t", right))
    assert got.standard_error == pytest.approx(
        np.sqrt(variance_by_double_sum(values, left, right)), rel=1e-12
    )
    assert got.mean == pytest.approx(values.mean())
    assert got.median == pytest.approx(np.median(values))
    assert (got.n, got.n_left, got.n_right) == (150, len(set(left)), len(set(right)))


def test_pairs_that_share_nothing_have_the_textbook_interval():
    values = np.random.default_rng(1).normal(size=31)
    values = np.sign(values) * (0.5 + np.abs(values) / 100)  # spread evenly: all 30 degrees of freedom
    got = clustered_mean(values, names("i", np.arange(31)), names("t", np.arange(31)))
    assert got.degrees == 30
    low, high = stats.t.interval(0.95, df=30, loc=values.mean(), scale=values.std(ddof=1) / np.sqrt(31))
    assert (got.low, got.high) == pytest.approx((low, high), rel=1e-9)
    wide = clustered_mean(values, names("i", np.arange(31)), names("t", np.arange(31)), level=0.99)
    assert wide.high - wide.low == pytest.approx(
        (high - low) * stats.t.ppf(0.995, 30) / stats.t.ppf(0.975, 30), rel=1e-9
    )


@pytest.mark.parametrize("turned", [False, True])
def test_the_side_of_fewer_items_gives_the_degrees_of_freedom(turned):
    """12 images of 5 captions each: 60 pairs, and 11 degrees of freedom and not 59."""
    images, captions = names("i", np.repeat(np.arange(12), 5)), names("t", np.arange(60))
    values = np.repeat([1.0, -1.0] * 6, 5) + np.tile([0.2, -0.2, 0.1, -0.1, 0.0], 12)
    left, right = (captions, images) if turned else (images, captions)
    got = clustered_mean(values, left, right)
    assert got.degrees == 11
    # By hand: 12 squared sums of 5^2, over 60^2, times 12 / 11; those by caption and by pair are the same.
    error = np.sqrt(12 * 25 / 60**2 * 12 / 11)
    assert got.standard_error == pytest.approx(error)
    assert got.high == pytest.approx(stats.t.ppf(0.975, 11) * error)
    assert got.p_value(0.5) == pytest.approx(2 * stats.t.sf(0.5 / error, 11))


def test_the_order_of_pairs_and_the_names_of_items_do_not_matter():
    values, left, right = crossed(np.random.default_rng(2))
    turned = np.random.default_rng(3).permutation(len(values))
    first = clustered_mean(values, names("i", left), names("t", right))
    other = clustered_mean(values[turned], names("z", left[turned]), names("a", right[turned]))
    assert first.standard_error == pytest.approx(other.standard_error, rel=1e-12)


def test_intervals_cover_the_truth_where_those_of_independent_pairs_do_not():
    rng = np.random.default_rng(4)
    covered = naive = 0
    for _ in range(600):
        values, left, right = crossed(rng)
        got = clustered_mean(values, names("i", left), names("t", right))
        covered += got.low <= 0 <= got.high
        naive += abs(values.mean()) <= 1.96 * values.std(ddof=1) / np.sqrt(len(values))
    assert 0.92 <= covered / 600 <= 0.98
    assert naive / 600 < 0.8


def test_opposed_members_of_a_group_do_not_shrink_the_interval():
    # Within every left item the two values cancel: V_left is 0, and V_left + V_right - V_pair is too.
    values = np.asarray([1.0, -1.0] * 6)
    got = clustered_mean(values, names("i", np.repeat(np.arange(6), 2)), names("t", np.arange(12)))
    assert got.standard_error == pytest.approx(np.sqrt(12 / 12**2 * 12 / 11))


def test_nan_is_left_out_and_counted():
    values, left, right = crossed(np.random.default_rng(5))
    holes = values.copy()
    holes[::3] = np.nan
    kept = ~np.isnan(holes)
    got = clustered_mean(holes, names("i", left), names("t", right))
    assert got == clustered_mean(values[kept], names("i", left[kept]), names("t", right[kept]))
    assert got.n == kept.sum()


def test_what_cannot_be_known_is_none():
    assert clustered_mean(np.asarray([np.nan]), ["i"], ["t"]) == ClusteredMean(
        None, None, None, None, None, 0, 0, 0
    )
    one_left = clustered_mean(np.asarray([1.0, 4.0]), ["i", "i"], ["t1", "t2"])
    assert one_left == ClusteredMean(2.5, 2.5, None, None, None, 2, 1, 2)


def test_bad_input_is_refused():
    with pytest.raises(InputError, match="got 2, 1 and 2"):
        clustered_mean(np.zeros(2), ["i"], ["t", "u"])
    with pytest.raises(InputError, match="1 of 2 values are infinite"):
        clustered_mean(np.asarray([np.inf, 0.0]), ["i", "j"], ["t", "u"])
    with pytest.raises(InputError, match="level must be inside"):
        clustered_mean(np.zeros(2), ["i", "j"], ["t", "u"], level=1.0)


@pytest.mark.parametrize("largest", [5, 40, 10**9])
def test_codes_are_renumbered_as_by_sorting(largest):
    codes = np.random.default_rng(0).integers(0, largest, 60)
    np.testing.assert_array_equal(dense_codes(codes), np.unique(codes, return_inverse=True)[1])
    assert dense_codes(codes[:0]).tolist() == []
