"""Separation of matches from hardest wrong candidates: AUROC, and the threshold that divides them best."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.estimate import LEVEL, Estimate
from ilime_core.aggregates.intervals import FEWEST_CLUSTERS, MeanEstimate, range_interval
from ilime_core.draws import named_rng
from ilime_core.retrieval.survey import Survey

__all__ = ["RESAMPLES", "JudgedScores", "ThresholdEstimate", "auroc", "best_threshold"]

RESAMPLES = 1000
"""Bootstrap samples behind the interval of a threshold."""

_SHARE = Bounds(0.0, 1.0)


@dataclass(frozen=True, slots=True, eq=False)
class JudgedScores:
    """Scores of all matches and of the hardest wrong candidate of each query.

    Attributes
    ----------
    matches
        Scores of (query, relevant candidate) pairs.
    match_query
        Number of the query of each, from 0 in the order of the queries' ids.
    wrong
        Score of the best wrong candidate of each query that has one.
    wrong_query
        Number of its query.
    n_queries
        Queries with both a match and a wrong candidate.
    """

    matches: Float[np.ndarray, " matches"]
    match_query: Int64[np.ndarray, " matches"]
    wrong: Float[np.ndarray, " wrong"]
    wrong_query: Int64[np.ndarray, " wrong"]
    n_queries: int

    @classmethod
    def of(cls, survey: Survey, chosen: Bool[np.ndarray, " queries"]) -> "JudgedScores":
        """Read the scores of chosen queries; those without a match or a wrong candidate are left out.

        Parameters
        ----------
        survey
            One direction of retrieval.
        chosen
            Queries that count.

        Returns
        -------
        JudgedScores
            Scores in float64.
        """
        hardest = survey.wrong.scores[:, 0].astype(np.float64)
        usable = np.flatnonzero(chosen & (survey.best_rank > 0) & ~np.isnan(hardest))
        by_id = sorted(usable.tolist(), key=survey.pool.query_ids.__getitem__)
        number = np.full(len(hardest), -1, dtype=np.int64)
        number[by_id] = np.arange(len(by_id))
        match_query = number[survey.relevance[:, 0]]
        kept = match_query >= 0
        matches = survey.relevant.scores[kept].astype(np.float64)
        return cls(matches, match_query[kept], hardest[by_id], np.arange(len(by_id)), len(by_id))


@dataclass(frozen=True, slots=True)
class ThresholdEstimate:
    """Threshold and its balanced accuracy on the same scores."""

    score: Estimate
    balanced_accuracy: Estimate


def auroc(scores: JudgedScores) -> Estimate:
    """Probability that a match scores higher than a hardest wrong candidate, of any query; ties count half.

    Notes
    -----
    The standard error is DeLong's [1]_ in the form for clusters, which are the queries [2]_: a query's
    matches and its wrong candidate share its embedding. Interval on the logit scale, inside 0 to 1.

    References
    ----------
    .. [1] E. R. DeLong, D. M. DeLong, D. L. Clarke-Pearson, "Comparing the Areas under Two or More Correlated
       Receiver Operating Characteristic Curves", Biometrics 44, 1988, pp. 837-845, doi:10.2307/2531595.
    .. [2] N. A. Obuchowski, "Nonparametric Analysis of Clustered ROC Curve Data", Biometrics 53, 1997,
       pp. 567-578, doi:10.2307/2533958.
    """
    n_matches, n_wrong = len(scores.matches), len(scores.wrong)
    if not n_matches or not n_wrong:
        return Estimate()
    above = _share_below(scores.matches, scores.wrong)  # of each match: wrong ones below it
    beaten = 1 - _share_below(scores.wrong, scores.matches)  # of each wrong one: matches above it
    area = float(above.mean())
    by_match = _sums(above - area, scores.match_query, scores.n_queries) / n_matches
    by_wrong = _sums(beaten - area, scores.wrong_query, scores.n_queries) / n_wrong
    return _clustered(area, by_match + by_wrong)


def best_threshold(scores: JudgedScores, seed: int) -> ThresholdEstimate:
    """Score from which on pairs are accepted with the largest balanced accuracy.

    Parameters
    ----------
    scores
        Matches and hardest wrong candidates.
    seed
        Seed of the run, for the bootstrap.

    Returns
    -------
    ThresholdEstimate
        The threshold is one of the scores, of several that are equally good the highest. A pair is accepted
        if its score is at least the threshold.

    Notes
    -----
    Balanced accuracy is the mean of the share of matches that are accepted and the share of hardest wrong
    candidates that are rejected, (1 + Youden's J) / 2 [1]_. The interval of the threshold has the 2.5 and
    97.5 percentiles of `RESAMPLES` bootstrap samples of queries [2]_. It is rough: the best threshold moves
    in steps, from one score to another; fewer than `FEWEST_CLUSTERS` queries have none. The interval of the
    balanced accuracy is clustered by query and holds the threshold fixed; on other queries a threshold that
    was chosen on these does a little worse.

    References
    ----------
    .. [1] W. J. Youden, "Index for Rating Diagnostic Tests", Cancer 3, 1950, pp. 32-35,
       doi:10.1002/1097-0142(1950)3:1<32::AID-CNCR2820030106>3.0.CO;2-3.
    .. [2] B. Efron, "Bootstrap Methods: Another Look at the Jackknife", Annals of Statistics 7, 1979,
       pp. 1-26, doi:10.1214/aos/1176344552.
    """
    if not len(scores.matches) or not len(scores.wrong):
        return ThresholdEstimate(Estimate(), Estimate())
    candidates = _Thresholds(scores)
    score, accuracy = candidates.best(np.ones(scores.n_queries, dtype=np.int64))
    accepted, rejected = scores.matches >= score, scores.wrong < score
    by_query = _sums(accepted - accepted.mean(), scores.match_query, scores.n_queries) / len(accepted)
    by_query += _sums(rejected - rejected.mean(), scores.wrong_query, scores.n_queries) / len(rejected)
    balanced = _clustered(accuracy, by_query / 2)
    if scores.n_queries < FEWEST_CLUSTERS:  # resamples of few queries repeat the same few scores
        return ThresholdEstimate(Estimate(score, n=scores.n_queries), balanced)
    rng = named_rng(seed, "best_threshold")
    n = scores.n_queries
    samples = (np.bincount(rng.integers(0, n, n), minlength=n) for _ in range(RESAMPLES))
    drawn = np.array([candidates.best(counts)[0] for counts in samples])
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    error = float(drawn.std(ddof=1))
    return ThresholdEstimate(Estimate(score, error, float(low), float(high), scores.n_queries), balanced)


class _Thresholds:
    """All distinct scores as thresholds, highest first."""

    def __init__(self, scores: JudgedScores) -> None:
        every = np.concatenate([scores.matches, scores.wrong])
        order = np.argsort(-every, kind="stable")
        values = every[order]
        self._is_match = order < len(scores.matches)
        self._query = np.concatenate([scores.match_query, scores.wrong_query])[order]
        self._last = np.flatnonzero(np.append(values[1:] != values[:-1], True))
        self._values = values[self._last]

    def best(self, counts: Int64[np.ndarray, " queries"]) -> tuple[float, float]:
        """Threshold and balanced accuracy where each query counts a number of times."""
        weights = counts[self._query]
        matches = np.cumsum(weights * self._is_match)
        wrong = np.cumsum(weights) - matches
        # Youden's J times both numbers: whole numbers, so that ties are ties.
        gains = matches[self._last] * wrong[-1] - wrong[self._last] * matches[-1]
        place = int(np.argmax(gains))
        return float(self._values[place]), (1 + float(gains[place]) / float(matches[-1] * wrong[-1])) / 2


def _share_below(
    values: Float[np.ndarray, " values"], others: Float[np.ndarray, " others"]
) -> Float[np.ndarray, " values"]:
    """Share of others below each value; equal ones count half."""
    ordered = np.sort(others)
    below = np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")
    return below / (2 * len(others))


def _sums(
    values: Float[np.ndarray, " values"], queries: Int64[np.ndarray, " values"], n_queries: int
) -> Float[np.ndarray, " queries"]:
    return np.bincount(queries, weights=values, minlength=n_queries)


def _clustered(value: float, influences: Float[np.ndarray, " queries"]) -> Estimate:
    """Estimate of a share from the influence of each query on it."""
    n = len(influences)
    if n < 2:
        return Estimate(value, n=n)
    error = float(np.sqrt((influences**2).sum() * n / (n - 1)))
    if error == 0 and 0 < value < 1:  # all queries are alike: their spread says nothing
        return Estimate(value, error, n=n)
    low, high = range_interval(MeanEstimate(value, error, n - 1.0, n, _SHARE), LEVEL) or (None, None)
    return Estimate(value, error, low, high, n)
