"""Recall and median rank of one direction of retrieval."""

from dataclasses import dataclass

import numpy as np

from ilime_core.retrieval.survey import Survey

__all__ = ["RetrievalMetrics", "retrieval_metrics"]


@dataclass(frozen=True, slots=True)
class RetrievalMetrics:
    """Recalls and median rank over the queries that have a relevant candidate; None where no query has one.

    With several relevant candidates the best of them counts, as image-text benchmarks do.
    """

    recall_at_1: float | None
    recall_at_5: float | None
    recall_at_10: float | None
    median_rank: float | None
    n_queries: int
    """Queries with at least one relevant candidate."""
    n_candidates: int
    """Size of the pool."""


def retrieval_metrics(survey: Survey) -> RetrievalMetrics:
    """Summarise the ranks of the best relevant candidates.

    Notes
    -----
    The median of an even number of ranks is the mean of the middle two.
    """
    ranks = survey.best_rank[survey.best_rank > 0]
    n_candidates = len(survey.pool.candidate_ids)
    if not len(ranks):
        return RetrievalMetrics(None, None, None, None, 0, n_candidates)
    at_1, at_5, at_10 = (float(np.mean(ranks <= k)) for k in (1, 5, 10))
    return RetrievalMetrics(at_1, at_5, at_10, float(np.median(ranks)), len(ranks), n_candidates)
