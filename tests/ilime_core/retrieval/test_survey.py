import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.ranking import rank_candidates, rank_pairs
from ilime_core.retrieval.survey import survey_direction


def random_pool(tile_scores: int = 10**6) -> tuple[Pool, np.ndarray]:
    rng = np.random.default_rng(4)
    queries, candidates = rng.normal(size=(14, 6)), rng.normal(size=(31, 6))
    ids = [f"i{number:02d}" for number in rng.permutation(45)]
    pool = Pool(
        torch.tensor(queries), torch.tensor(candidates), tuple(ids[:14]), tuple(ids[14:]), tile_scores
    )
    flat = rng.choice(14 * 31, size=40, replace=False)
    return pool, np.column_stack([flat // 31, flat % 31])


@pytest.mark.parametrize("tile_scores", [1, 31 * 4, 10**6])
def test_a_survey_agrees_with_whole_rankings(tile_scores):
    pool, relevance = random_pool(tile_scores)
    survey = survey_direction(pool, relevance, top_k=5, n_wrong=3)
    whole = rank_candidates(pool, 31).candidates
    matches = {tuple(pair) for pair in relevance.tolist()}
    assert survey.top.candidates.tolist() == whole[:, :5].tolist()
    for query in range(14):
        wrong = [c for c in whole[query].tolist() if (query, c) not in matches]
        right = [c for c in whole[query].tolist() if (query, c) in matches]
        assert survey.wrong.candidates[query].tolist() == wrong[:3]
        assert survey.best_relevant[query] == (right[0] if right else -1)
        assert survey.best_rank[query] == (whole[query].tolist().index(right[0]) + 1 if right else 0)
        assert survey.failed[query] == (bool(right) and right[0] != whole[query, 0])
    assert survey.relevant.ranks.tolist() == rank_pairs(pool, survey.relevance).ranks.tolist()


def test_an_item_is_not_relevant_to_itself():
    pool = Pool(torch.eye(3), torch.eye(3), ("a", "b", "c"), ("a", "b", "c"))
    survey = survey_direction(pool, np.asarray([[0, 0], [0, 1], [2, 2]]), top_k=3)
    assert survey.relevance.tolist() == [[0, 1]]
    assert survey.best_rank.tolist() == [1, 0, 0]
    assert survey.top.candidates[0].tolist() == [1, 2, -1]


@pytest.mark.parametrize(
    ("relevance", "depth", "message"),
    [
        ([[0, 31]], 1, "outside 14 queries and 31 candidates"),
        ([[-1, 0]], 1, "outside 14 queries"),
        ([[0, 1], [0, 1]], 1, "repeats 1 of 2 pairs"),
        ([[0, 1]], 0, "at least 1, got 0"),
    ],
)
def test_impossible_requests_are_refused(relevance, depth, message):
    with pytest.raises(InputError, match=message):
        survey_direction(random_pool()[0], np.asarray(relevance), top_k=depth)
