import numpy as np
import torch

from ilime_core.retrieval.metrics import RetrievalMetrics, retrieval_metrics
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.survey import survey_direction


def pool_of_scores(scores: np.ndarray) -> Pool:
    """Queries are unit vectors, so that the score matrix is what is given."""
    n_queries, n_candidates = scores.shape
    queries = tuple(f"q{number:02d}" for number in range(n_queries))
    candidates = tuple(f"c{number:02d}" for number in range(n_candidates))
    return Pool(torch.eye(n_queries), torch.tensor(scores.T, dtype=torch.float32), queries, candidates)


def test_recalls_and_median_count_the_best_relevant_candidate():
    scores = np.tile(np.linspace(0.9, 0.0, 12), (4, 1))  # candidate j has rank j + 1 for every query
    relevance = np.asarray(
        [[0, 0], [0, 7], [1, 4], [1, 11], [2, 11]]
    )  # best ranks 1, 5, 12; query 3 has none
    survey = survey_direction(pool_of_scores(scores), relevance, top_k=3)
    assert survey.best_rank.tolist() == [1, 5, 12, 0]
    assert survey.best_relevant.tolist() == [0, 4, 11, -1]
    assert retrieval_metrics(survey) == RetrievalMetrics(1 / 3, 2 / 3, 2 / 3, 5.0, 3, 12)


def test_the_tenth_rank_counts_for_recall_at_10_and_the_eleventh_does_not():
    scores = np.tile(np.linspace(0.9, 0.0, 12), (2, 1))
    tenth = survey_direction(pool_of_scores(scores), np.asarray([[0, 9], [1, 10]]), top_k=1)
    assert retrieval_metrics(tenth) == RetrievalMetrics(0.0, 0.0, 0.5, 10.5, 2, 12)


def test_without_relevance_nothing_is_claimed():
    survey = survey_direction(pool_of_scores(np.eye(3)), np.empty((0, 2), dtype=np.int64), top_k=1)
    assert retrieval_metrics(survey) == RetrievalMetrics(None, None, None, None, 0, 3)
