import numpy as np
import pytest
import torch

from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.random_scores import RANDOM_PER_QUERY, pair_scores, random_scores
from ilime_core.retrieval.ranking import rank_pairs
from ilime_core.retrieval.sampling import random_wrong
from ilime_core.retrieval.survey import survey_direction


def survey_of(n_queries=30, n_candidates=50, seed=0):
    rng = np.random.default_rng(seed)
    sides = (rng.normal(0.4, 1, (n, 8)) for n in (n_queries, n_candidates))
    queries, candidates = (torch.tensor(s / np.linalg.norm(s, axis=1, keepdims=True)) for s in sides)
    names = (
        tuple(f"{side}{n:03d}" for n in range(size)) for side, size in (("q", n_queries), ("c", n_candidates))
    )
    pool = Pool(queries, candidates, *names)
    own = np.column_stack([np.arange(n_queries), np.arange(n_queries)])
    return survey_direction(pool, own, top_k=10)


def test_scores_are_those_of_rankings():
    survey = survey_of()
    pairs = random_wrong(survey, np.ones(30, dtype=bool), 4, 0)
    np.testing.assert_allclose(
        pair_scores(survey.pool, pairs), rank_pairs(survey.pool, pairs).scores, atol=1.1e-6
    )


def test_level_is_that_of_the_drawn_pairs_and_near_that_of_all_wrong_ones():
    survey = survey_of()
    chosen = np.arange(30) > 4
    drawn = pair_scores(survey.pool, random_wrong(survey, chosen, RANDOM_PER_QUERY, 7))
    assert len(drawn) == 25 * RANDOM_PER_QUERY
    found = random_scores(survey, chosen, 7)
    assert found.mean.value == pytest.approx(drawn.mean())
    assert found.upper.value == pytest.approx(np.quantile(drawn, 0.95))
    scores = (survey.pool.queries @ survey.pool.candidates.T).numpy()[chosen]
    scores[np.arange(25), np.arange(25) + 5] = np.nan
    assert found.mean.low < np.nanmean(scores) < found.mean.high
    assert found.upper.low < np.nanquantile(scores, 0.95) < found.upper.high
    assert found.mean.n == found.upper.n == 25


def test_where_all_candidates_match_there_is_no_level():
    pool = Pool(torch.eye(2), torch.eye(2), ("a", "b"), ("c", "d"))
    survey = survey_direction(pool, np.asarray([[0, 0], [0, 1], [1, 0], [1, 1]]), top_k=2)
    assert random_scores(survey, np.ones(2, dtype=bool), 0).mean.value is None
