import numpy as np
import pytest
import torch

from ilime_core.all_pairs.agreement import order_agreement, overlap_at
from ilime_core.all_pairs.joint_ranking import joint_pool, joint_ranks
from ilime_core.errors import InputError
from ilime_core.retrieval.pool import Pool


def test_overlap_counts_common_candidates_in_any_order():
    one, other = np.array([[4, 2, 7], [0, 1, 2], [3, -1, -1]]), np.array([[2, 9, 4], [2, 1, 0], [3, -1, -1]])
    assert overlap_at(one, other, 1, 10).tolist() == [0.0, 0.0, 1.0]
    assert overlap_at(one, other, 2, 10).tolist() == [0.5, 0.5, 1.0]
    np.testing.assert_allclose(overlap_at(one, other, 3, 10), [2 / 3, 1.0, 1.0])


def test_a_query_without_candidates_has_no_overlap():
    none = np.array([[-1]])
    assert np.isnan(overlap_at(none, none, 10, 1)).all()


def test_too_few_kept_candidates_are_refused():
    with pytest.raises(InputError, match="overlap at 5 needs as many candidates, 2 are kept"):
        overlap_at(np.array([[0, 1]]), np.array([[0, 1]]), 5, 3)
    assert overlap_at(np.array([[0, 1]]), np.array([[0, 1]]), 5, 2).tolist() == [1.0]


def test_recalls_and_overlaps_of_two_known_orders():
    """Three queries order 20 candidates by score from the first on; the joint effects of one reverse them."""
    ids = tuple("abc"), tuple(f"k{place:02d}" for place in range(20))
    heights = torch.linspace(1, 0, 20)[:, None]
    scores = Pool(torch.ones(3, 1), heights, *ids)
    joint = joint_pool(scores, torch.tensor([[1.0], [1.0], [-1.0]]), heights)
    relevance = np.array([[0, 0], [1, 3], [2, 19]])
    found = order_agreement(joint_ranks(scores, joint, relevance, top_k=10))
    assert [found.score_recall[k].value for k in (1, 5, 10)] == pytest.approx([1 / 3, 2 / 3, 2 / 3])
    assert [found.joint_recall[k].value for k in (1, 5, 10)] == pytest.approx([2 / 3, 1, 1])
    assert [found.overlap[k].value for k in (1, 5, 10)] == pytest.approx([2 / 3] * 3)
    assert found.spearman.value == pytest.approx(1 / 3)
    assert found.spearman.n == 3


def test_chosen_queries_keep_all_candidates():
    ids = tuple("abc"), tuple(f"k{place:02d}" for place in range(20))
    heights = torch.linspace(1, 0, 20)[:, None]
    scores = Pool(torch.ones(3, 1), heights, *ids)
    joint = joint_pool(scores, torch.tensor([[1.0], [1.0], [-1.0]]), heights)
    ranks = joint_ranks(scores, joint, np.array([[0, 0], [1, 3], [2, 19]]), top_k=10)
    found = order_agreement(ranks, np.array([False, True, True]))
    assert (found.score_recall[5].value, found.score_recall[5].n) == (0.5, 2)
    assert (found.joint_recall[1].value, found.overlap[10].value) == (0.5, 0.5)
    assert (found.spearman.value, found.spearman.n) == (pytest.approx(0.0), 2)


def test_recall_is_over_queries_that_have_a_match():
    scores = Pool(torch.ones(2, 1), torch.linspace(1, 0, 12)[:, None], ("a", "b"), tuple("cdefghijklmn"))
    found = order_agreement(joint_ranks(scores, scores, np.array([[1, 0]]), top_k=10))
    assert (found.score_recall[1].value, found.score_recall[1].n) == (1.0, 1)
    assert found.overlap[10].n == 2
