"""Proportions and means of independent units, with intervals in closed form."""

import math

import numpy as np
from jaxtyping import Bool, Float
from scipy.special import ndtri

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.estimate import LEVEL, Estimate

__all__ = ["mean_of_units", "proportion"]


def proportion(hits: Bool[np.ndarray, " units"]) -> Estimate:
    """Share of units that are hits, with Wilson's score interval.

    References
    ----------
    .. [1] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
       the American Statistical Association 22, 1927, pp. 209-212, doi:10.1080/01621459.1927.10502953.
    """
    n = len(hits)
    if not n:
        return Estimate()
    share, square = float(np.mean(hits)), float(ndtri((1 + LEVEL) / 2)) ** 2
    middle = (share + square / (2 * n)) / (1 + square / n)
    reach = math.sqrt(square * (share * (1 - share) / n + square / (4 * n**2))) / (1 + square / n)
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    # Rounding must not move an end past a share of 0 or 1.
    return Estimate(share, math.sqrt(share * (1 - share) / n), min(low, share), max(high, share), n)


def mean_of_units(values: Float[np.ndarray, " units"], bounds: Bounds = UNBOUNDED) -> Estimate:
    """Mean over independent units.

    Parameters
    ----------
    values
        One number a unit.
    bounds
        Range of the quantity, which the interval does not leave.

    Returns
    -------
    Estimate
        With the interval of `ilime_core.aggregates.range_interval`.
    """
    units = np.arange(len(values))
    found = mean_by_codes(values, units, units, LEVEL, bounds)
    return Estimate(found.mean, found.standard_error, found.low, found.high, len(values))
