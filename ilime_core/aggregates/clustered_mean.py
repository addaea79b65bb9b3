"""Means over pairs whose intervals know that pairs share items."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int64, Shaped

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS, MeanEstimate, p_value, range_interval
from ilime_core.errors import InputError

__all__ = ["ClusteredMean", "clustered_mean", "dense_codes", "mean_by_codes", "satterthwaite_degrees"]


@dataclass(frozen=True, slots=True)
class ClusteredMean:
    """Summary of one quantity over pairs; None where it is not known."""

    mean: float | None
    median: float | None
    standard_error: float | None
    low: float | None
    high: float | None
    n: int
    """Pairs that have the quantity."""
    n_left: int
    """Distinct left items among them."""
    n_right: int
    degrees: float | None = None
    """Degrees of freedom of Student's t in the interval."""
    bounds: Bounds = UNBOUNDED

    @property
    def n_clusters(self) -> int:
        """Distinct items on the side that has fewer."""
        return min(self.n_left, self.n_right)

    def p_value(self, null: float) -> float | None:
        """Two-sided p-value against a constant; None below `FEWEST_CLUSTERS`, where nothing is claimed."""
        if self.mean is None or self.standard_error is None or self.degrees is None:
            return None
        if self.n_clusters < FEWEST_CLUSTERS:
            return None
        estimate = MeanEstimate(self.mean, self.standard_error, self.degrees, self.n_clusters, self.bounds)
        return p_value(estimate, null)


def clustered_mean(
    values: Float[np.ndarray, " pairs"],
    left: Sequence[str],
    right: Sequence[str],
    level: float = 0.95,
    bounds: Bounds = UNBOUNDED,
) -> ClusteredMean:
    """Mean over pairs with an interval clustered by both items.

    Parameters
    ----------
    values
        One number per pair; NaN means that the pair does not have the quantity, and the pair is left out.
    left, right
        Item ids of each pair.
    level
        Coverage of the interval.
    bounds
        Possible range of the quantity, which the interval does not leave.

    Returns
    -------
    ClusteredMean
        Without a value all is None but the counts. With a single item on a side there is no error, and no
        interval where `range_interval` has none.

    Raises
    ------
    InputError
        If lengths differ, a value is infinite, or the level is not inside (0, 1).

    Notes
    -----
    The variance is V = V_left + V_right - V_pair: squared sums of residuals by left item, by right item and
    by pair, each with the factor G / (G - 1) for its G groups [1]_. Where that difference falls below the
    larger of V_left and V_right, which happens by chance with few items, the larger one is taken: the
    interval may then only be too wide. With a single item on a side its share of the variance cannot be seen:
    there is no interval then.

    Student's t has on either side as many degrees of freedom as the spread of that side's squared sums of
    residuals speaks for, and at most the number of its items less 1 (Satterthwaite's rule, after [2]_): a
    variance that hangs on few items is itself not known well. The smaller of the two is taken. How the
    interval keeps to the range stands in `range_interval`.

    References
    ----------
    .. [1] A. C. Cameron, J. B. Gelbach, D. L. Miller, "Robust Inference With Multiway Clustering", Journal of
       Business & Economic Statistics 29(2), 2011, pp. 238-249, doi:10.1198/jbes.2010.07136.
    .. [2] M. P. Fay, B. I. Graubard, "Small-Sample Adjustments for Wald-Type Tests Using Sandwich
       Estimators", Biometrics 57(4), 2001, pp. 1198-1206, doi:10.1111/j.0006-341X.2001.01198.x.
    """
    if not len(values) == len(left) == len(right):
        raise InputError(
            f"every value needs a left and a right item: got {len(values)}, {len(left)} and {len(right)}."
        )
    return mean_by_codes(values, _groups(np.asarray(left)), _groups(np.asarray(right)), level, bounds)


def mean_by_codes(
    values: Float[np.ndarray, " pairs"],
    left: Int64[np.ndarray, " pairs"],
    right: Int64[np.ndarray, " pairs"],
    level: float = 0.95,
    bounds: Bounds = UNBOUNDED,
) -> ClusteredMean:
    """`clustered_mean` of items that have numbers: sorting them is cheap where many means share pairs.

    Parameters
    ----------
    values, level, bounds
        As of `clustered_mean`.
    left, right
        A number for each item, the same on all its pairs.

    Returns
    -------
    ClusteredMean
        The same as that of `clustered_mean`.

    Raises
    ------
    InputError
        If a value is infinite, or the level is not inside (0, 1).
    """
    if not 0 < level < 1:
        raise InputError(f"level must be inside (0, 1), got {level}.")
    if bool(np.isinf(values).any()):
        raise InputError(f"{int(np.isinf(values).sum())} of {len(values)} values are infinite.")
    known = np.flatnonzero(~np.isnan(values))
    if not len(known):
        return ClusteredMean(None, None, None, None, None, 0, 0, 0)
    value = values[known].astype(np.float64)
    lefts, rights = dense_codes(left[known]), dense_codes(right[known])
    n_left, n_right = int(lefts.max()) + 1, int(rights.max()) + 1
    mean, median = float(value.mean()), float(np.median(value))
    if min(n_left, n_right) < 2:
        return ClusteredMean(mean, median, None, None, None, len(value), n_left, n_right)
    residuals = value - mean
    error = float(np.sqrt(_two_way_variance(residuals, lefts, rights)))
    squares = (np.bincount(codes, weights=residuals) ** 2 for codes in (lefts, rights))
    degrees = min(map(satterthwaite_degrees, squares))
    ends = range_interval(MeanEstimate(mean, error, degrees, min(n_left, n_right), bounds), level)
    low, high = (None, None) if ends is None else ends
    return ClusteredMean(mean, median, error, low, high, len(value), n_left, n_right, degrees, bounds)


def dense_codes(codes: Int64[np.ndarray, " pairs"]) -> Int64[np.ndarray, " pairs"]:
    """Renumber codes from 0 on without gaps, in their order; small ones are counted, which beats sorting.

    Parameters
    ----------
    codes
        Numbers from 0 on.

    Returns
    -------
    Int array, one per pair
        As ``return_inverse`` of `numpy.unique`.
    """
    largest = int(codes.max(initial=0))
    if largest > 8 * len(codes) + 1000:
        return np.unique(codes, return_inverse=True)[1].astype(np.int64)
    present = np.zeros(largest + 1, dtype=np.int64)
    present[codes] = 1
    return (np.cumsum(present) - 1)[codes]


def _groups(names: Shaped[np.ndarray, " pairs"]) -> Int64[np.ndarray, " pairs"]:
    return np.unique(names, return_inverse=True)[1].astype(np.int64)


def _two_way_variance(
    residuals: Float[np.ndarray, " pairs"],
    lefts: Int64[np.ndarray, " pairs"],
    rights: Int64[np.ndarray, " pairs"],
) -> float:
    by_left, by_right = _one_way_variance(residuals, lefts), _one_way_variance(residuals, rights)
    pairs = np.unique(lefts * (int(rights.max()) + 1) + rights, return_inverse=True)[1]
    by_pair = _one_way_variance(residuals, pairs.astype(np.int64))
    return max(by_left + by_right - by_pair, by_left, by_right)


def _one_way_variance(residuals: Float[np.ndarray, " pairs"], groups: Int64[np.ndarray, " pairs"]) -> float:
    sums = np.bincount(groups, weights=residuals)
    return float((sums**2).sum()) / len(residuals) ** 2 * len(sums) / (len(sums) - 1)


def satterthwaite_degrees(squares: Float[np.ndarray, " clusters"]) -> float:
    """Degrees of freedom of a variance that is a sum of squares: 2 mean^2 / variance, read off the squares.

    Parameters
    ----------
    squares
        Squared sums of residuals, one of each item.

    Returns
    -------
    float
        At most the number of items less 1.
    """
    count, total = len(squares), float(squares.sum())
    if total == 0:
        return float(count - 1)
    unevenness = float((squares**2).sum()) / total**2 - 1 / count
    return min(count - 1.0, 2 / unevenness) if unevenness > 0 else count - 1.0
