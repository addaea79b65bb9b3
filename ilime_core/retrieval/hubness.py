"""Hubness: candidates that are among the first of many queries."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int64
from scipy.special import stdtrit

from ilime_core.aggregates.estimate import LEVEL, Estimate
from ilime_core.errors import InputError
from ilime_core.retrieval.survey import Survey

__all__ = ["NEIGHBOURS", "Hubs", "hubness", "largest_hubs"]

NEIGHBOURS = 10
"""First candidates of a query that count as its neighbours."""

_FEWEST_QUERIES = 3


@dataclass(frozen=True, slots=True, eq=False)
class Hubs:
    """Candidates with the largest k-occurrence, largest first; equal ones in the order of their ids."""

    candidates: Int64[np.ndarray, " hubs"]
    k_occurrence: Int64[np.ndarray, " hubs"]
    """Queries that have the candidate among their first k."""
    expected: float
    """Mean k-occurrence of all candidates."""


def largest_hubs(survey: Survey, chosen: Bool[np.ndarray, " queries"], n_hubs: int) -> Hubs:
    """List the candidates that are neighbours of the most queries.

    Parameters
    ----------
    survey
        One direction of retrieval, with at least `NEIGHBOURS` candidates kept.
    chosen
        Queries that count.
    n_hubs
        Candidates to list, at most; those that no query has among its first are left out.

    Returns
    -------
    Hubs
        At most ``n_hubs``.

    Raises
    ------
    InputError
        If the survey keeps too few candidates of each query.
    """
    counts = _occurrences(survey, _neighbours(survey, chosen))
    in_order = np.lexsort((survey.pool.places, -counts))[:n_hubs]
    kept = in_order[counts[in_order] > 0]
    return Hubs(kept, counts[kept], float(counts.mean()))


def hubness(survey: Survey, chosen: Bool[np.ndarray, " queries"]) -> Estimate:
    """Skewness of the k-occurrence over the candidates; without value where all candidates have the same.

    Parameters
    ----------
    survey
        One direction of retrieval, with at least `NEIGHBOURS` candidates kept.
    chosen
        Queries that count.

    Returns
    -------
    Estimate
        Third central moment over the cubed standard deviation.

    Raises
    ------
    InputError
        If the survey keeps too few candidates of each query.

    Notes
    -----
    Definition after [1]_. The standard error is the jackknife's over queries, which is on the safe side in
    expectation [2]_; the interval is Student's, within what the number of candidates allows. Resampled
    queries would not do: counts of repeated queries are noisier than the counts themselves, and the skewness
    of all samples would be off.

    References
    ----------
    .. [1] M. Radovanović, A. Nanopoulos, M. Ivanović, "Hubs in Space: Popular Nearest Neighbors in
       High-Dimensional Data", Journal of Machine Learning Research 11, 2010, pp. 2487-2531.
    .. [2] B. Efron, C. Stein, "The Jackknife Estimate of Variance", Annals of Statistics 9, 1981,
       pp. 586-596, doi:10.1214/aos/1176345462.
    """
    neighbours = _neighbours(survey, chosen)
    counts, n = _occurrences(survey, neighbours), len(neighbours)
    sums = np.array([[(counts**power).sum()] for power in (1, 2, 3)], dtype=np.float64)
    value = float(_skewness(sums, len(counts))[0])
    if math.isnan(value):
        return Estimate(n=n)
    present = neighbours >= 0
    own = np.where(present, counts[neighbours], 0)
    removed = [present.sum(axis=1), (present * (2 * own - 1)).sum(axis=1)]
    removed.append((present * (3 * own * (own - 1) + 1)).sum(axis=1))
    without = _skewness(sums - np.array(removed), len(counts))
    if n < _FEWEST_QUERIES or np.isnan(without).any():
        return Estimate(value, n=n)
    error = float(np.sqrt((n - 1) / n * ((without - without.mean()) ** 2).sum()))
    reach = float(stdtrit(n - 1, (1 + LEVEL) / 2)) * error
    # One candidate that differs from all others has the largest skewness that so many can have.
    largest = (len(counts) - 2) / math.sqrt(len(counts) - 1)
    low, high = max(value - reach, min(value, -largest)), min(value + reach, max(value, largest))
    return Estimate(value, error, low, high, n)


def _neighbours(survey: Survey, chosen: Bool[np.ndarray, " queries"]) -> Int64[np.ndarray, "chosen k"]:
    wanted = min(NEIGHBOURS, len(survey.pool.candidate_ids))
    kept = survey.top.candidates.shape[1]
    if kept < wanted:
        raise InputError(f"hubness needs the first {wanted} candidates of a query, the survey keeps {kept}.")
    return survey.top.candidates[chosen, :wanted]


def _occurrences(
    survey: Survey, neighbours: Int64[np.ndarray, "chosen k"]
) -> Int64[np.ndarray, " candidates"]:
    return np.bincount(neighbours[neighbours >= 0], minlength=len(survey.pool.candidate_ids)).astype(np.int64)


def _skewness(sums: np.ndarray, n_candidates: int) -> np.ndarray:
    """Skewness from sums of first, second and third powers; NaN without spread."""
    mean, second, third = sums / n_candidates
    variance = second - mean**2
    moment = third - 3 * mean * second + 2 * mean**3
    tiny = 1e-12 * np.maximum(second, 1.0)
    cubed = np.where(variance > tiny, variance, np.nan) ** 1.5
    return moment / cubed
