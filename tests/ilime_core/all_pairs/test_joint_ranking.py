"""Both orders of all candidates against sorts of whole score matrices."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.stats import spearmanr

from ilime_core.all_pairs.joint_ranking import joint_pool, joint_ranks
from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool


def crowded_pools(tile_scores=10**6, shared=0, n_queries=8, n_candidates=11):
    """Small integer coordinates: many values are tied under both orders."""
    rng = np.random.default_rng(5)
    names = [f"i{number:03d}" for number in rng.permutation(100)[: n_queries + n_candidates - shared]]
    draw = [
        torch.tensor(rng.integers(-1, 2, (count, 3)) / 4, dtype=torch.float32)
        for count in (n_queries, n_candidates, n_queries, n_candidates)
    ]
    ids = tuple(names[:n_queries]), tuple(names[n_queries - shared :])
    scores = Pool(draw[0], draw[1], *ids, tile_scores)
    return scores, joint_pool(scores, draw[2], draw[3])


def naive_order(pool, query):
    values = pool.queries[query].double() @ pool.candidates.double().T
    allowed = [place for place, name in enumerate(pool.candidate_ids) if name != pool.query_ids[query]]
    return sorted(allowed, key=lambda place: (-round(float(values[place]), 6), pool.candidate_ids[place]))


@pytest.mark.parametrize("shared", [0, 5])
@pytest.mark.parametrize("tile_scores", [1, 30, 10**6])
@pytest.mark.parametrize("backward", [False, True])
def test_ranks_and_best_candidates_equal_sorts(tile_scores, shared, backward):
    scores, joint = crowded_pools(tile_scores, shared)
    if backward:
        scores, joint = scores.reversed(), joint.reversed()
    relevance = np.array([[0, 7], [2, 1], [2, 3], [7, 0]])
    found = joint_ranks(scores, joint, relevance, top_k=4)
    for query in range(len(scores.query_ids)):
        by_score, by_joint = naive_order(scores, query), naive_order(joint, query)
        for kept, order in ((found.best_by_score, by_score), (found.best_by_joint, by_joint)):
            assert kept.candidates[query].tolist() == order[:4]
            assert kept.score_ranks[query].tolist() == [by_score.index(one) + 1 for one in order[:4]]
            assert kept.joint_ranks[query].tolist() == [by_joint.index(one) + 1 for one in order[:4]]
            for pool, values in ((scores, kept.scores), (joint, kept.joint_effects)):
                true = pool.candidates[kept.candidates[query]] @ pool.queries[query]
                np.testing.assert_allclose(values[query], true, atol=1e-6)
        ranks = [[order.index(one) for one in by_score] for order in (by_score, by_joint)]
        assert found.spearman[query] == pytest.approx(spearmanr(*ranks).statistic)
    assert found.by_joint.best_rank[2] == 1 + min(naive_order(joint, 2).index(one) for one in (1, 3))


def test_missing_candidates_are_padded():
    scores, joint = crowded_pools(n_candidates=3, shared=2, n_queries=4)
    found = joint_ranks(scores, joint, np.empty((0, 2), dtype=np.int64), top_k=9)
    own = scores.query_ids.index(scores.candidate_ids[0])
    assert found.best_by_score.candidates[own][-1] == -1
    assert found.best_by_score.score_ranks[own].tolist() == [1, 2, 0]
    assert found.best_by_joint.score_ranks[own][-1] == 0
    assert np.isnan(found.best_by_score.joint_effects[own][-1])
    assert np.isnan(found.best_by_joint.scores[own][-1])


def test_one_candidate_has_no_correlation():
    scores, joint = crowded_pools(n_candidates=1)
    assert np.isnan(joint_ranks(scores, joint, np.array([[0, 0]]), top_k=1).spearman).all()


def test_pools_of_other_items_or_tiles_are_refused():
    scores, joint = crowded_pools()
    none = np.empty((0, 2), dtype=np.int64)
    with pytest.raises(InputError, match="same queries and candidates"):
        joint_ranks(scores, joint.reversed(), none, top_k=1)
    with pytest.raises(InputError, match="tiles of one size"):
        joint_ranks(scores, replace(joint, tile_scores=4), none, top_k=1)
