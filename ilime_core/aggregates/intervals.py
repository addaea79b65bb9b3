"""Confidence intervals and tests of a mean that stay inside its possible range."""

import math
from dataclasses import dataclass

from scipy.special import expit, logit, stdtr, stdtrit

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds

__all__ = ["FEWEST_CLUSTERS", "MeanEstimate", "p_value", "range_interval"]

FEWEST_CLUSTERS = 10
"""Clusters on either side below which nothing is claimed: there the intervals cover less than they say."""


@dataclass(frozen=True, slots=True)
class MeanEstimate:
    """A mean with what its interval is made of."""

    mean: float
    standard_error: float
    degrees: float
    """Degrees of freedom of Student's t."""
    n_clusters: int
    """On the side that has fewer."""
    bounds: Bounds = UNBOUNDED


def range_interval(estimate: MeanEstimate, level: float = 0.95) -> tuple[float, float] | None:
    """Interval of a mean, inside its range; None where it cannot be had.

    Parameters
    ----------
    estimate
        Mean, its error and the range; a mean at an end reads the number of clusters in place of the error.
    level
        Coverage, inside (0, 1).

    Returns
    -------
    tuple of two floats, or None
        Lower and upper end, in the unit of the mean.

    Notes
    -----
    Student's t on a scale without ends, and back: the logit of the place between two ends, the logarithm of
    the distance from a single one, the value itself where there is none; the standard error by the delta
    method [1]_. A mean at an end of two has no spread, and takes the score interval of a share of 0 of as
    many trials as there are clusters [2]_. At a single end nothing gives the scale: there is no interval.
    Neither is there one for a mean outside of its range.

    References
    ----------
    .. [1] N. Dean, M. Pagano, "Evaluating Confidence Interval Methods for Binomial Proportions in Clustered
       Surveys", Journal of Survey Statistics and Methodology 3(4), 2015, pp. 484-503,
       doi:10.1093/jssam/smv024 (logit intervals with Student's t, among others).
    .. [2] E. B. Wilson, "Probable Inference, the Law of Succession, and Statistical Inference", Journal of
       the American Statistical Association 22, 1927, pp. 209-212, doi:10.1080/01621459.1927.10502953.
    """
    quantile = float(stdtrit(estimate.degrees, (1 + level) / 2))
    bounds, mean = estimate.bounds, estimate.mean
    if _is_at_end(mean, bounds):
        return _at_end(estimate, float(stdtrit(estimate.n_clusters - 1, (1 + level) / 2)))
    if not _is_inside(mean, bounds):
        return None
    reach = quantile * estimate.standard_error * _slope(mean, bounds)
    middle = _stretched(mean, bounds)
    low, high = sorted((_back(middle - reach, bounds), _back(middle + reach, bounds)))
    return low, high


def p_value(estimate: MeanEstimate, null: float) -> float | None:
    """Two-sided p-value of a mean against a constant: below 1 - level where `range_interval` excludes it.

    None where there is no interval, or the constant is not inside the range: an end cannot be tested.

    Parameters
    ----------
    estimate
        Mean, its error and the range, as of `range_interval`.
    null
        Value of the mean under the null hypothesis, in the unit of the mean.

    Returns
    -------
    float or None
        In [0, 1]; without a standard error 1 for a mean that equals ``null``, 0 for any other.
    """
    bounds, mean = estimate.bounds, estimate.mean
    if not _is_inside(null, bounds):
        return None
    if _is_at_end(mean, bounds):
        share = _share(null, bounds)
        if share is None:
            return None
        gap = share if mean == bounds.low else 1 - share
        error = math.sqrt(share * (1 - share) / estimate.n_clusters)
        return _two_sided(gap / error, estimate.n_clusters - 1.0)
    if not _is_inside(mean, bounds):
        return None
    error = estimate.standard_error * _slope(mean, bounds)
    gap = abs(_stretched(mean, bounds) - _stretched(null, bounds))
    if error == 0:
        return 1.0 if gap == 0 else 0.0
    return _two_sided(gap / error, estimate.degrees)


def _two_sided(statistic: float, degrees: float) -> float:
    return 2 * float(stdtr(degrees, -abs(statistic)))


def _is_inside(value: float, bounds: Bounds) -> bool:
    return (bounds.low is None or value > bounds.low) and (bounds.high is None or value < bounds.high)


def _is_at_end(value: float, bounds: Bounds) -> bool:
    return value in (bounds.low, bounds.high)


def _at_end(estimate: MeanEstimate, quantile: float) -> tuple[float, float] | None:
    low, high = estimate.bounds.low, estimate.bounds.high
    if low is None or high is None:
        return None
    reach = (high - low) * quantile**2 / (estimate.n_clusters + quantile**2)
    return (low, low + reach) if estimate.mean == low else (high - reach, high)


def _share(value: float, bounds: Bounds) -> float | None:
    """Place between two ends, from 0 to 1."""
    if bounds.low is None or bounds.high is None:
        return None
    return (value - bounds.low) / (bounds.high - bounds.low)


def _stretched(value: float, bounds: Bounds) -> float:
    """Monotone map of the range onto all real numbers."""
    share = _share(value, bounds)
    if share is not None:
        return float(logit(share))
    if bounds.low is not None:
        return math.log(value - bounds.low)
    return value if bounds.high is None else math.log(bounds.high - value)


def _slope(value: float, bounds: Bounds) -> float:
    """Size of the derivative of `_stretched`."""
    if bounds.low is not None and bounds.high is not None:
        return (bounds.high - bounds.low) / ((value - bounds.low) * (bounds.high - value))
    if bounds.low is not None:
        return 1 / (value - bounds.low)
    return 1.0 if bounds.high is None else 1 / (bounds.high - value)


def _back(value: float, bounds: Bounds) -> float:
    """Inverse of `_stretched`."""
    if bounds.low is not None and bounds.high is not None:
        return bounds.low + (bounds.high - bounds.low) * float(expit(value))
    # Past the largest float the end of an interval is far beyond anything that could be read off it.
    distance = math.exp(min(value, 700.0))
    if bounds.low is not None:
        return bounds.low + distance
    return value if bounds.high is None else bounds.high - distance
