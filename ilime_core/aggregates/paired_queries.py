"""Two models on the same queries: which succeed, by how much more often, and whether that is chance."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64
from scipy.special import bdtr

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes

__all__ = ["PairedSuccesses", "paired_successes"]

_DIFFERENCE = Bounds(-1.0, 1.0)


@dataclass(frozen=True, slots=True)
class PairedSuccesses:
    """Success of two models on the same queries.

    Attributes
    ----------
    first, second
        Share of queries with success.
    difference
        Of second minus first, clustered by groups of queries.
    first_only, second_only
        Groups in which one model succeeds more often than the other.
    p_value
        Two-sided, exact.
    """

    first: float
    second: float
    difference: ClusteredMean
    first_only: int
    second_only: int
    p_value: float


def paired_successes(
    first: Bool[np.ndarray, " queries"],
    second: Bool[np.ndarray, " queries"],
    groups: Int64[np.ndarray, " queries"],
) -> PairedSuccesses | None:
    """Compare the success of two models query by query.

    Parameters
    ----------
    first, second
        Success of each model.
    groups
        Number of each query's group: queries of one group, like the captions of a photograph, are not
        independent.

    Returns
    -------
    PairedSuccesses or None
        None without queries.

    Notes
    -----
    The test is that of McNemar [1]_ over groups in its exact form: if no model is better, as many groups
    favour the one as the other. A group of one query favours the model that alone succeeds.

    References
    ----------
    .. [1] Q. McNemar, "Note on the sampling error of the difference between correlated proportions or
       percentages", Psychometrika 12, 1947, pp. 153-157, doi:10.1007/BF02295996.
    """
    if not len(first):
        return None
    gaps: Float[np.ndarray, " queries"] = second.astype(np.float64) - first
    codes = np.unique(groups, return_inverse=True)[1].astype(np.int64)
    sums = np.bincount(codes, weights=gaps)
    losses, wins = int((sums < 0).sum()), int((sums > 0).sum())
    return PairedSuccesses(
        first=float(first.mean()),
        second=float(second.mean()),
        difference=mean_by_codes(gaps, codes, codes, bounds=_DIFFERENCE),
        first_only=losses,
        second_only=wins,
        p_value=min(1.0, 2 * float(bdtr(min(losses, wins), losses + wins, 0.5))),
    )
