"""Medians and quantiles with intervals in closed form."""

import numpy as np
from jaxtyping import Float, Int64, Shaped
from scipy.special import bdtr

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.estimate import LEVEL, Estimate
from ilime_core.aggregates.intervals import MeanEstimate, range_interval

__all__ = ["clustered_quantile", "median_of_units"]


def median_of_units(values: Shaped[np.ndarray, " units"]) -> Estimate:
    """Median of independent units between two of their order statistics; no standard error.

    Notes
    -----
    The median of an even number of values is the mean of the middle two. The interval goes from the k-th
    smallest to the k-th largest value, k the largest number for which it covers the median with at least 95 %
    under any distribution [1]_. Fewer than six values have none.

    References
    ----------
    .. [1] H. A. David, H. N. Nagaraja, "Order Statistics", 3rd ed., Wiley, 2003, section 7.1,
       doi:10.1002/0471722162.
    """
    n = len(values)
    if not n:
        return Estimate()
    ordered = np.sort(values)
    median = float(np.median(ordered))
    # The k-th smallest exceeds the median with the probability of fewer than k values below it.
    fewer = bdtr(np.arange(n // 2 + 1), n, 0.5)
    k = int(np.count_nonzero(fewer <= (1 - LEVEL) / 2))
    if not k:
        return Estimate(median, n=n)
    return Estimate(median, None, float(ordered[k - 1]), float(ordered[n - k]), n)


def clustered_quantile(
    values: Float[np.ndarray, " values"],
    left: Int64[np.ndarray, " values"],
    right: Int64[np.ndarray, " values"],
    share: float,
) -> Estimate:
    """Quantile of values that share items; no standard error.

    Parameters
    ----------
    values
        One number a pair.
    left, right
        A number for each item, the same on all its pairs.
    share
        Share of values below the quantile, inside (0, 1).

    Returns
    -------
    Estimate
        Without an interval where a side has a single item, or no value is above the quantile.

    Notes
    -----
    Woodruff's interval [1]_: that of the share of values up to the quantile, clustered by both items as in
    `ilime_core.aggregates.clustered_mean`, read off the distribution of the values.

    References
    ----------
    .. [1] R. S. Woodruff, "Confidence Intervals for Medians and Other Position Measures", Journal of the
       American Statistical Association 47, 1952, pp. 635-646, doi:10.1080/01621459.1952.10483443.
    """
    if not len(values):
        return Estimate()
    quantile, n = float(np.quantile(values, share)), len(np.unique(left))
    below = mean_by_codes((values <= quantile).astype(np.float64), left, right, LEVEL)
    # Where all values are below or equal, their share does not vary, and says nothing of its error.
    if not below.standard_error or below.degrees is None:
        return Estimate(quantile, n=n)
    spread = MeanEstimate(share, below.standard_error, below.degrees, below.n_clusters, Bounds(0.0, 1.0))
    ends = range_interval(spread, LEVEL)
    if ends is None:
        return Estimate(quantile, n=n)
    low, high = np.quantile(values, ends)
    return Estimate(quantile, None, float(low), float(high), n)
