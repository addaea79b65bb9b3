"""Score level of pairs that have nothing to do with each other."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.estimate import LEVEL, Estimate
from ilime_core.aggregates.quantiles import clustered_quantile
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.sampling import random_wrong
from ilime_core.retrieval.survey import Survey
from ilime_core.retrieval.tiles import SCORE_DECIMALS

__all__ = ["RANDOM_PER_QUERY", "RandomScores", "pair_scores", "random_scores"]

RANDOM_PER_QUERY = 10
"""Wrong candidates that are drawn for each query."""

UPPER_SHARE = 0.95

_PAIRS_AT_ONCE = 8192


@dataclass(frozen=True, slots=True)
class RandomScores:
    """Mean and 95th percentile of the scores of random pairs that do not match."""

    mean: Estimate
    upper: Estimate


def random_scores(survey: Survey, chosen: Bool[np.ndarray, " queries"], seed: int) -> RandomScores:
    """Score random wrong candidates of chosen queries.

    Parameters
    ----------
    survey
        One direction of retrieval.
    chosen
        Queries to draw for.
    seed
        Seed of the run; a query's draws depend on it and on ids alone.

    Returns
    -------
    RandomScores
        With intervals that are clustered by query and by candidate.
    """
    pairs = random_wrong(survey, chosen, RANDOM_PER_QUERY, seed)
    if not len(pairs):
        return RandomScores(Estimate(), Estimate())
    scores = pair_scores(survey.pool, pairs)
    query, candidate = pairs[:, 0], pairs[:, 1]
    mean = mean_by_codes(scores, query, candidate, LEVEL, Bounds(-1.0, 1.0))
    return RandomScores(
        Estimate(mean.mean, mean.standard_error, mean.low, mean.high, len(np.unique(query))),
        clustered_quantile(scores, query, candidate, UPPER_SHARE),
    )


def pair_scores(pool: Pool, pairs: Int64[np.ndarray, "pairs 2"]) -> Float[np.ndarray, " pairs"]:
    """Rounded scores of given pairs; without the other candidates of their queries there are no ranks.

    Parameters
    ----------
    pool
        Queries and candidates.
    pairs
        (query, candidate) indices.

    Returns
    -------
    scores
        In float64, rounded as in rankings.
    """
    found = [np.empty(0)]
    for start in range(0, len(pairs), _PAIRS_AT_ONCE):
        places = torch.as_tensor(pairs[start : start + _PAIRS_AT_ONCE], device=pool.queries.device)
        scores = (pool.queries[places[:, 0]].float() * pool.candidates[places[:, 1]].float()).sum(dim=1)
        found.append(scores.double().cpu().numpy())
    return np.concatenate(found).round(SCORE_DECIMALS)
