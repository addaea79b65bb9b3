"""Metrics of one direction of retrieval, over all of its queries or some, with 95 % intervals."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.estimate import Estimate
from ilime_core.aggregates.proportions import mean_of_units, proportion
from ilime_core.aggregates.quantiles import median_of_units
from ilime_core.errors import InputError
from ilime_core.retrieval.hubness import hubness
from ilime_core.retrieval.metric_names import METRICS
from ilime_core.retrieval.modality_gap import modality_gap
from ilime_core.retrieval.random_scores import random_scores
from ilime_core.retrieval.separation import JudgedScores, auroc, best_threshold
from ilime_core.retrieval.survey import Survey

__all__ = ["RetrievalMetrics", "average_precision_at_r", "retrieval_metrics"]

_SHARE = Bounds(0.0, 1.0)


@dataclass(frozen=True, slots=True)
class RetrievalMetrics:
    """Estimates by the names of `METRICS`; values are None where no query has what the metric needs."""

    estimates: Mapping[str, Estimate]
    n_candidates: int
    """Size of the pool."""

    def value(self, metric: str) -> float | None:
        """Value of a metric without its interval."""
        return self.estimates[metric].value


def retrieval_metrics(
    survey: Survey, seed: int, queries: Bool[np.ndarray, " queries"] | None = None
) -> RetrievalMetrics:
    """Compute all metrics of one direction.

    Parameters
    ----------
    survey
        One direction of retrieval, with at least 10 candidates kept of each query.
    seed
        Seed of the run: of random pairs and of the bootstrap.
    queries
        Queries that count, True for each; all where it is None. The pool of candidates stays whole.

    Returns
    -------
    RetrievalMetrics
        Recalls, ranks, AP@R, AUROC and threshold are over the queries that have a relevant candidate; with
        several relevant candidates the best of them counts for recalls and ranks, as image-text benchmarks
        do. The other metrics are over all queries that count.

    Raises
    ------
    InputError
        If ``queries`` does not have one flag per query, or the survey keeps too few candidates.
    """
    chosen = np.ones(len(survey.pool.query_ids), dtype=bool) if queries is None else queries
    if len(chosen) != len(survey.pool.query_ids):
        raise InputError(f"one flag per query is needed: got {len(chosen)} for {len(survey.pool.query_ids)}.")
    ranks = survey.best_rank[chosen & (survey.best_rank > 0)]
    judged = JudgedScores.of(survey, chosen)
    threshold = best_threshold(judged, seed)
    gap = modality_gap(survey.pool, chosen)
    unrelated = random_scores(survey, chosen, seed)
    found = {
        "recall_at_1": proportion(ranks <= 1),
        "recall_at_5": proportion(ranks <= 5),
        "recall_at_10": proportion(ranks <= 10),
        "median_rank": median_of_units(ranks),
        "map_at_r": mean_of_units(average_precision_at_r(survey)[chosen & (survey.best_rank > 0)], _SHARE),
        "auroc": auroc(judged),
        "threshold": threshold.score,
        "balanced_accuracy": threshold.balanced_accuracy,
        "modality_gap": gap.distance,
        "modality_gap_share": gap.share,
        "hubness": hubness(survey, chosen),
        "random_score_mean": unrelated.mean,
        "random_score_p95": unrelated.upper,
    }
    return RetrievalMetrics({name: found[name] for name in METRICS}, len(survey.pool.candidate_ids))


def average_precision_at_r(survey: Survey) -> Float[np.ndarray, " queries"]:
    """AP@R of every query; NaN where a query has no relevant candidate.

    Notes
    -----
    R is the number of the query's relevant candidates. The precisions at the places of those that are among
    the first R are summed and divided by R [1]_.

    References
    ----------
    .. [1] K. Musgrave, S. Belongie, S.-N. Lim, "A Metric Learning Reality Check", ECCV, 2020,
       arXiv:2003.08505, section 3.1 (MAP@R).
    """
    query, ranks = survey.relevance[:, 0], survey.relevant.ranks
    n_queries = len(survey.pool.query_ids)
    n_relevant = np.bincount(query, minlength=n_queries)
    by_rank = np.lexsort((ranks, query))
    query, ranks = query[by_rank], ranks[by_rank]
    place = np.arange(len(query)) - np.searchsorted(query, query) + 1
    precision = np.where(ranks <= n_relevant[query], place / ranks, 0.0)
    sums = np.bincount(query, weights=precision, minlength=n_queries)
    return np.divide(sums, n_relevant, out=np.full(n_queries, np.nan), where=n_relevant > 0)
