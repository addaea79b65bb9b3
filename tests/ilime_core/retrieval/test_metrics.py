"""Metrics of a direction, by hand and beside scikit-learn.

Proves ilime_core.retrieval.metric_names.
"""

import numpy as np
import pytest
import torch
from sklearn.metrics import average_precision_score

from ilime_core.errors import InputError
from ilime_core.retrieval.metric_names import METRICS
from ilime_core.retrieval.metrics import average_precision_at_r, retrieval_metrics
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.survey import Survey, survey_direction

RANKS = ("recall_at_1", "recall_at_5", "recall_at_10", "median_rank")
SEED = 3


def pool_of_scores(scores: np.ndarray) -> Pool:
    """Queries are unit vectors, so that the score matrix is what is given."""
    n_queries, n_candidates = scores.shape
    queries = tuple(f"q{number:02d}" for number in range(n_queries))
    candidates = tuple(f"c{number:02d}" for number in range(n_candidates))
    return Pool(torch.eye(n_queries), torch.tensor(scores.T, dtype=torch.float32), queries, candidates)


def random_survey(tile_scores: int = 10**6, n_queries: int = 40, order=slice(None)) -> Survey:
    rng = np.random.default_rng(5)
    queries, candidates = (
        rows / np.linalg.norm(rows, axis=1, keepdims=True)
        for rows in (rng.normal(0.3, 1, (n_queries, 6)), rng.normal(0.1, 1, (60, 6)))
    )
    noisy = queries @ candidates.T + rng.normal(0, 0.3, (n_queries, 60))
    flat = np.argsort(-noisy, axis=None)[: 3 * n_queries]
    relevance = np.column_stack([flat // 60, flat % 60])
    places = np.arange(n_queries)[order]
    relevance[:, 0] = np.argsort(places)[relevance[:, 0]]
    ids = tuple(f"q{number:02d}" for number in places)
    others = tuple(f"c{number:02d}" for number in range(60))
    pool = Pool(torch.tensor(queries[places]), torch.tensor(candidates), ids, others, tile_scores)
    return survey_direction(pool, relevance, top_k=10)


def ranks_of(survey, queries=None):
    found = retrieval_metrics(survey, SEED, queries)
    return [found.value(metric) for metric in RANKS], found.estimates["recall_at_1"].n


def test_recalls_and_median_count_the_best_relevant_candidate():
    scores = np.tile(np.linspace(0.9, 0.0, 12), (4, 1))  # candidate j has rank j + 1 for every query
    relevance = np.asarray(
        [[0, 0], [0, 7], [1, 4], [1, 11], [2, 11]]
    )  # best ranks 1, 5, 12; query 3 has none
    survey = survey_direction(pool_of_scores(scores), relevance, top_k=10)
    assert survey.best_rank.tolist() == [1, 5, 12, 0]
    assert survey.best_relevant.tolist() == [0, 4, 11, -1]
    assert ranks_of(survey) == ([1 / 3, 2 / 3, 2 / 3, 5.0], 3)
    assert ranks_of(survey, np.asarray([True, True, False, True])) == ([1 / 2, 1.0, 1.0, 3.0], 2)


def test_the_tenth_rank_counts_for_recall_at_10_and_the_eleventh_does_not():
    scores = np.tile(np.linspace(0.9, 0.0, 12), (2, 1))
    tenth = survey_direction(pool_of_scores(scores), np.asarray([[0, 9], [1, 10]]), top_k=10)
    assert ranks_of(tenth) == ([0.0, 0.0, 0.5, 10.5], 2)
    assert retrieval_metrics(tenth, SEED).n_candidates == 12


def test_without_relevance_nothing_is_claimed():
    survey = survey_direction(pool_of_scores(np.eye(3)), np.empty((0, 2), dtype=np.int64), top_k=3)
    found = retrieval_metrics(survey, SEED)
    without = {name for name, one in found.estimates.items() if one.value is None}
    assert without == {*RANKS, "map_at_r", "auroc", "threshold", "balanced_accuracy", "hubness"}
    assert ranks_of(survey) == ([None] * 4, 0)


def test_precision_at_r_is_that_of_scikit_learn_cut_at_r():
    survey = random_survey()
    scores = survey.pool.queries.numpy() @ survey.pool.candidates.numpy().T
    relevant = np.zeros(scores.shape, dtype=bool)
    relevant[tuple(survey.relevance.T)] = True
    expected = []
    for row, matches in zip(scores, relevant, strict=True):
        n = matches.sum()
        first = np.argsort(-row)[:n]
        hits = matches[first].sum()
        # scikit-learn divides by the hits that it sees, not by R.
        expected.append(
            average_precision_score(matches[first], row[first]) * hits / n if hits else 0.0 if n else np.nan
        )
    assert np.nanmax(expected) > 0.3
    assert np.isnan(expected).any()
    found = average_precision_at_r(survey)
    np.testing.assert_allclose(found, expected, atol=1e-12)
    estimate = retrieval_metrics(survey, SEED).estimates["map_at_r"]
    assert estimate.value == pytest.approx(np.nanmean(expected))
    assert estimate.standard_error == pytest.approx(
        np.nanstd(expected, ddof=1) / np.sqrt(np.isfinite(expected).sum())
    )


@pytest.mark.parametrize("tile_scores", [1, 60 * 7])
def test_no_tiling_changes_a_value(tile_scores):
    whole, tiled = (retrieval_metrics(random_survey(size), SEED) for size in (10**6, tile_scores))
    assert tiled == whole
    assert set(whole.estimates) == set(METRICS)
    for name, one in whole.estimates.items():
        assert one.low is not None, name
        assert one.low <= one.value <= one.high, name
        assert one.low < one.high, name


def test_the_order_of_the_queries_changes_no_value():
    shuffled = np.random.default_rng(0).permutation(40)
    plain, moved = (retrieval_metrics(random_survey(order=order), SEED) for order in (slice(None), shuffled))
    for name, one in plain.estimates.items():
        other = moved.estimates[name]
        assert (one.value, one.low, one.high) == pytest.approx((other.value, other.low, other.high)), name


def test_a_mask_of_queries_is_a_survey_of_them_alone():
    some = np.arange(40) % 3 > 0
    survey = random_survey()
    masked = retrieval_metrics(survey, SEED, some)
    places = np.flatnonzero(some)
    relevance = survey.relevance[some[survey.relevance[:, 0]]]
    relevance = np.column_stack([np.searchsorted(places, relevance[:, 0]), relevance[:, 1]])
    pool = survey.pool
    ids = tuple(pool.query_ids[place] for place in places)
    alone = Pool(pool.queries[places], pool.candidates, ids, pool.candidate_ids)
    assert masked == retrieval_metrics(survey_direction(alone, relevance, top_k=10), SEED)
    assert masked != retrieval_metrics(survey, SEED)


def test_the_seed_moves_what_is_drawn_and_nothing_else():
    first, second = (retrieval_metrics(random_survey(), seed).estimates for seed in (1, 2))
    moved = {name for name in METRICS if first[name] != second[name]}
    assert moved == {"threshold", "random_score_mean", "random_score_p95"}
    assert first["threshold"].value == second["threshold"].value


def test_a_mask_of_other_length_is_refused():
    with pytest.raises(InputError, match="got 3 for 40"):
        retrieval_metrics(random_survey(), SEED, np.ones(3, dtype=bool))
