"""Rankings and ranks against a naive sort under the tie rule.

Proves ilime_core.retrieval.pool and ilime_core.retrieval.tiles.
"""

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool
from ilime_core.retrieval.ranking import rank_candidates, rank_pairs
from ilime_core.retrieval.tiles import SCORE_DECIMALS


def one_dimensional(scores: list[float], ids: list[str], **settings: int) -> Pool:
    """A single query of value 1 whose scores are given."""
    return Pool(torch.ones(1, 1), torch.tensor(scores)[:, None], ("q",), tuple(ids), **settings)


def crowded(seed: int, n_queries: int = 23, n_candidates: int = 37, shared: int = 0, **settings: int) -> Pool:
    """Small integer coordinates: about every second score is tied."""
    rng = np.random.default_rng(seed)
    names = [f"i{number:03d}" for number in rng.permutation(200)[: n_queries + n_candidates - shared]]
    queries, candidates = rng.integers(-1, 2, (n_queries, 4)) / 4, rng.integers(-1, 2, (n_candidates, 4)) / 4
    return Pool(
        torch.tensor(queries, dtype=torch.float32),
        torch.tensor(candidates, dtype=torch.float32),
        tuple(names[:n_queries]),
        tuple(names[n_queries - shared :]),
        **settings,
    )


def naive_order(pool: Pool, query: int) -> list[int]:
    scores = (pool.queries[query].double() @ pool.candidates.double().T).numpy()
    allowed = [j for j, name in enumerate(pool.candidate_ids) if name != pool.query_ids[query]]
    return sorted(allowed, key=lambda j: (-round(float(scores[j]), SCORE_DECIMALS), pool.candidate_ids[j]))


@pytest.mark.parametrize("shared", [0, 9])
@pytest.mark.parametrize("tile_scores", [1, 37 * 5, 10**6])
def test_ranking_is_the_naive_sort_by_rounded_score_then_id(shared, tile_scores):
    pool = crowded(3, shared=shared, tile_scores=tile_scores)
    ranking = rank_candidates(pool, top_k=len(pool.candidate_ids))
    for query in range(len(pool.query_ids)):
        expected = naive_order(pool, query)
        got = ranking.candidates[query]
        assert got[: len(expected)].tolist() == expected
        assert (got[len(expected) :] == -1).all()
        assert np.isnan(ranking.scores[query, len(expected) :]).all()
        assert ranking.scores[query, 0] == pytest.approx(
            float(pool.queries[query] @ pool.candidates[expected[0]]), abs=1e-6
        )


def test_scores_that_differ_beyond_the_sixth_decimal_are_tied_and_go_by_id():
    tied = rank_candidates(one_dimensional([0.5000001, 0.5000004, 0.4], ["c", "b", "a"]), top_k=3)
    assert tied.candidates.tolist() == [[1, 0, 2]]
    tied_the_other_way = rank_candidates(
        one_dimensional([0.5000004, 0.5000001, 0.4], ["c", "b", "a"]), top_k=3
    )
    assert tied_the_other_way.candidates.tolist() == [[1, 0, 2]]
    apart = rank_candidates(one_dimensional([0.500003, 0.500001, 0.4], ["c", "b", "a"]), top_k=3)
    assert apart.candidates.tolist() == [[0, 1, 2]]
    assert apart.scores[0].tolist() == pytest.approx([0.500003, 0.500001, 0.4], abs=1e-7)


def test_top_k_cuts_the_same_ranking():
    pool = crowded(5)
    whole = rank_candidates(pool, top_k=37)
    assert rank_candidates(pool, top_k=4).candidates.tolist() == whole.candidates[:, :4].tolist()


@pytest.mark.parametrize("tile_scores", [1, 37 * 3, 10**6])
def test_rank_of_a_pair_is_its_place_in_the_naive_sort(tile_scores):
    pool = crowded(8, shared=6, tile_scores=tile_scores)
    pairs = [
        (query, candidate)
        for query in range(len(pool.query_ids))
        for candidate in range(len(pool.candidate_ids))
        if pool.query_ids[query] != pool.candidate_ids[candidate]
    ]
    np.random.default_rng(0).shuffle(pairs)
    ranked = rank_pairs(pool, np.asarray(pairs))
    expected = [naive_order(pool, query).index(candidate) + 1 for query, candidate in pairs]
    assert ranked.ranks.tolist() == expected
    true = [float(pool.queries[q] @ pool.candidates[c]) for q, c in pairs]
    np.testing.assert_allclose(ranked.scores, true, atol=1e-6)


def test_ranks_do_not_depend_on_the_order_of_the_pool():
    pool = crowded(11)
    turned = np.random.default_rng(1).permutation(len(pool.candidate_ids))
    other = Pool(
        pool.queries, pool.candidates[turned], pool.query_ids, tuple(pool.candidate_ids[j] for j in turned)
    )
    ours, theirs = rank_candidates(pool, 37).candidates, rank_candidates(other, 37).candidates
    assert (turned[theirs] == ours).all()


def test_the_reversed_pool_asks_the_other_way():
    pool = crowded(13)
    backward = pool.reversed()
    for query in range(len(backward.query_ids)):
        assert rank_candidates(backward, 23).candidates[query].tolist() == naive_order(backward, query)


def test_no_pairs_have_no_ranks():
    ranked = rank_pairs(crowded(2), np.empty((0, 2), dtype=np.int64))
    assert ranked.ranks.shape == (0,)


def test_an_item_with_itself_is_refused_by_name():
    pool = Pool(torch.eye(2), torch.eye(2), ("i1", "i2"), ("i2", "i3"))
    with pytest.raises(InputError, match=r"1 of 2 pairs are an item with itself.*i2"):
        rank_pairs(pool, np.asarray([[0, 0], [1, 0]]))


@pytest.mark.parametrize(
    ("queries", "query_ids", "message"),
    [
        (torch.eye(2), ("a",), "2 embeddings and 1 ids"),
        (torch.eye(2), ("a", "a"), "1 of 2 repeat"),
        (torch.tensor([[0.0, 1.0], [float("nan"), 0.0]]), ("a", "b"), "query embeddings must be finite"),
    ],
)
def test_a_broken_pool_is_refused(queries, query_ids, message):
    with pytest.raises(InputError, match=message):
        Pool(queries, torch.eye(2), query_ids, ("x", "y"))
