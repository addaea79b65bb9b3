"""Difference of two means over different pairs that share items."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import (
    ClusteredMean,
    dense_codes,
    mean_by_codes,
    satterthwaite_degrees,
)
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS, MeanEstimate, p_value, range_interval

__all__ = ["GroupDifference", "group_difference"]


@dataclass(frozen=True, slots=True)
class GroupDifference:
    """Mean of one group of pairs minus that of the rest; None where it is not known.

    Attributes
    ----------
    group, rest
        Both means.
    difference, standard_error, low, high, degrees
        Of the difference: with a single item on a side of a group there is no error.
    p_value
        Two-sided, against 0; None where a side of a group has too few items.
    """

    group: ClusteredMean
    rest: ClusteredMean
    difference: float | None = None
    standard_error: float | None = None
    low: float | None = None
    high: float | None = None
    degrees: float | None = None
    p_value: float | None = None

    @property
    def n_clusters(self) -> int:
        """Distinct items on the side of the group that has fewest."""
        return min(self.group.n_clusters, self.rest.n_clusters)


def group_difference(
    values: Float[np.ndarray, " pairs"],
    in_group: Bool[np.ndarray, " pairs"],
    left: Int64[np.ndarray, " pairs"],
    right: Int64[np.ndarray, " pairs"],
    bounds: Bounds = UNBOUNDED,
) -> GroupDifference:
    """Compare a group of pairs with all other pairs.

    Parameters
    ----------
    values
        One number per pair; pairs with NaN are left out.
    in_group
        Pairs of the group.
    left, right
        A number for each item, the same on all its pairs.
    bounds
        Possible range of a value.

    Returns
    -------
    GroupDifference
        Without a difference where either group has no value.

    Raises
    ------
    InputError
        If a value is infinite.

    Notes
    -----
    A pair's influence on the difference is its residual over the size of its group, negative in the rest.
    Influences are summed by items as residuals are in `clustered_mean` [1]_, with the same bound from below;
    an item with pairs in both groups counts once, so that what moves both means alike cancels. The factor
    G / (G - 1) is taken within each group, for its G items. Degrees of freedom follow Satterthwaite's rule
    over the squared sums of influences, in which a small group outweighs a large one, as in Welch's test.

    References
    ----------
    .. [1] A. C. Cameron, J. B. Gelbach, D. L. Miller, "Robust Inference With Multiway Clustering", Journal of
       Business & Economic Statistics 29(2), 2011, pp. 238-249, doi:10.1198/jbes.2010.07136.
    """
    group, rest = (
        mean_by_codes(values[chosen], left[chosen], right[chosen], bounds=bounds)
        for chosen in (in_group, ~in_group)
    )
    if group.mean is None or rest.mean is None:
        return GroupDifference(group, rest)
    difference = group.mean - rest.mean
    if min(group.n_clusters, rest.n_clusters) < 2:
        return GroupDifference(group, rest, difference)
    known = ~np.isnan(values)
    here, lefts, rights = in_group[known], left[known], right[known]
    influence = np.where(here, values[known] - group.mean, rest.mean - values[known])
    influence /= np.where(here, group.n, rest.n)
    pairs = np.unique(lefts * (int(rights.max()) + 1) + rights, return_inverse=True)[1].astype(np.int64)
    by_left, by_right, by_pair = (_squared_sums(influence, codes, here) for codes in (lefts, rights, pairs))
    totals = [float(squares.sum()) for squares in (by_left, by_right, by_pair)]
    error = float(np.sqrt(max(totals[0] + totals[1] - totals[2], totals[0], totals[1])))
    degrees = min(satterthwaite_degrees(by_left), satterthwaite_degrees(by_right))
    n_clusters = min(group.n_clusters, rest.n_clusters)
    estimate = MeanEstimate(difference, error, degrees, n_clusters, bounds.of_difference)
    low, high = range_interval(estimate) or (None, None)
    tested = p_value(estimate, 0.0) if n_clusters >= FEWEST_CLUSTERS else None
    return GroupDifference(group, rest, difference, error, low, high, degrees, tested)


def _squared_sums(
    influence: Float[np.ndarray, " pairs"],
    codes: Int64[np.ndarray, " pairs"],
    here: Bool[np.ndarray, " pairs"],
) -> Float[np.ndarray, " clusters"]:
    """Squared sum of influences of each item; a group's influences are scaled for the number of its items."""
    places = dense_codes(codes)
    counts = [np.count_nonzero(np.bincount(places[chosen])) for chosen in (here, ~here)]
    scale = np.sqrt([count / (count - 1) for count in counts])
    return np.bincount(places, weights=influence * np.where(here, *scale)) ** 2
