"""Agreement of the ranking by joint effect with the ranking by score, over all queries of a direction."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64, Int64

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.estimate import Estimate
from ilime_core.aggregates.proportions import mean_of_units, proportion
from ilime_core.all_pairs.joint_ranking import JointRanks
from ilime_core.errors import InputError

__all__ = ["DEPTHS", "OrderAgreement", "order_agreement", "overlap_at"]

DEPTHS = (1, 5, 10)
"""Numbers of first candidates that are compared."""


@dataclass(frozen=True, slots=True)
class OrderAgreement:
    """Recalls under both orders, and what the two orders share.

    Attributes
    ----------
    score_recall, joint_recall
        By depth k, the share of queries with a match among the first k, of the queries that have a match.
        ``joint_recall`` is that of the joint effect as a ranker of all candidates.
    overlap
        By depth k, the mean over all queries of the share of the first k candidates that are the same.
    spearman
        Mean over all queries of the rank correlation.
    """

    score_recall: Mapping[int, Estimate]
    joint_recall: Mapping[int, Estimate]
    overlap: Mapping[int, Estimate]
    spearman: Estimate


def order_agreement(ranks: JointRanks, queries: Bool[np.ndarray, " queries"] | None = None) -> OrderAgreement:
    """Summarise one direction.

    Parameters
    ----------
    ranks
        With at least the candidates that the largest of `DEPTHS` needs.
    queries
        Queries to summarise; all where it is None. They keep all candidates.

    Returns
    -------
    OrderAgreement
        With 95 % intervals over queries.
    """
    chosen = np.ones(len(ranks.spearman), dtype=bool) if queries is None else queries
    asked = chosen & (ranks.by_score.best_rank > 0)
    score, joint = ranks.by_score.best_rank[asked], ranks.by_joint.best_rank[asked]
    kept = ranks.best_by_score.candidates[chosen], ranks.best_by_joint.candidates[chosen]
    n_candidates = len(ranks.by_score.pool.candidate_ids)
    overlaps = {k: overlap_at(*kept, k, n_candidates) for k in DEPTHS}
    correlation = ranks.spearman[chosen & ~np.isnan(ranks.spearman)]
    return OrderAgreement(
        {k: proportion(score <= k) for k in DEPTHS},
        {k: proportion(joint <= k) for k in DEPTHS},
        {k: _mean(one, Bounds(0.0, 1.0)) for k, one in overlaps.items()},
        _mean(correlation, Bounds(-1.0, 1.0)),
    )


def overlap_at(
    one: Int64[np.ndarray, "queries top"],
    other: Int64[np.ndarray, "queries top"],
    k: int,
    n_candidates: int,
) -> Float64[np.ndarray, " queries"]:
    """Share of the first k candidates of each query that two orders have in common.

    Parameters
    ----------
    one, other
        Candidates of every query, best first, padded with -1.
    k
        Depth; a query of fewer candidates is compared over those that it has.
    n_candidates
        Candidates of the pool.

    Returns
    -------
    Float array, queries
        NaN where a query has no candidate.

    Raises
    ------
    InputError
        If fewer than k candidates are kept of a pool that has more.
    """
    width = one.shape[1]
    if width < min(k, n_candidates):
        raise InputError(f"overlap at {k} needs as many candidates, {width} are kept.")
    first, second = one[:, :k], other[:, :k]
    shared = ((first[:, :, None] == second[:, None, :]) & (first[:, :, None] >= 0)).sum(axis=(1, 2))
    present = (first >= 0).sum(axis=1)
    return shared / np.where(present, present, np.nan)


def _mean(values: Float64[np.ndarray, " units"], bounds: Bounds) -> Estimate:
    known = values[~np.isnan(values)]
    return mean_of_units(known, bounds) if len(known) else Estimate()
