import numpy as np

from ilime_core.all_pairs.relations import EXCLUDED, OTHER, POSITIVE, PairRelations


def test_labels_are_by_position_in_any_order_and_other_pairs_do_not_match():
    relations = PairRelations(np.array([[10, 3], [12, 4], [99, 3]]), np.array([[11, 4], [10, 8]]))
    labels = relations.labels(np.array([12, 10, 11]), np.array([4, 3]))
    assert labels.tolist() == [[POSITIVE, OTHER], [OTHER, POSITIVE], [EXCLUDED, OTHER]]


def test_an_excluded_pair_does_not_count_although_it_matches():
    pair = np.array([[0, 0]])
    assert PairRelations(pair, pair).labels(np.array([0]), np.array([0])).tolist() == [[EXCLUDED]]
