import numpy as np
import pytest
import torch

from ilime_core.all_pairs import listed_pairs
from ilime_core.all_pairs.listed_pairs import measure_pairs, padded_interactions
from ilime_core.all_pairs.ragged_effects import RaggedEffects


@pytest.mark.parametrize("at_once", [1, 100, 2**22])
def test_measures_of_listed_pairs_equal_loops(whole, monkeypatch, at_once):
    monkeypatch.setattr(listed_pairs, "_NUMBERS_AT_ONCE", at_once)
    pairs = np.array([(3, 4), (0, 0), (1, 2), (6, 8), (3, 4), (5, 1)])
    found = measure_pairs(whole.left(), whole.right(), pairs)
    for place, (x, y) in enumerate(pairs.tolist()):
        w = whole.w(x, y)
        row, column = np.unravel_index(np.abs(w).argmax(), w.shape)
        assert found.joint_effect[place] == pytest.approx(w.sum())
        assert found.mass[place] == pytest.approx(np.abs(w).sum())
        assert found.norm[place] == pytest.approx(np.linalg.norm(w))
        assert found.largest[place] == pytest.approx(w[row, column])
        assert (found.left_segment[place], found.right_segment[place]) == (row, column)
        assert found.largest_share[place] == pytest.approx(abs(w[row, column]) / np.abs(w).sum())


def test_batches_hold_every_pair_once_with_zeros_around_it(whole):
    pairs = np.array([(0, 0), (1, 2), (4, 4)])
    [(places, cells)] = padded_interactions(whole.left(), whole.right(), pairs)
    assert sorted(places.tolist()) == [0, 1, 2]
    assert cells.shape == (3, 4, 5)
    for place, w in zip(places, cells.numpy(), strict=True):
        true = whole.w(*pairs[place])
        np.testing.assert_allclose(w[: true.shape[0], : true.shape[1]], true)
        assert np.count_nonzero(w) == true.size


def test_a_pair_without_effect_has_share_zero():
    one = RaggedEffects.of([torch.zeros(2, 3)])
    found = measure_pairs(one, one, np.array([[0, 0]]))
    assert found.largest_share.tolist() == [0.0]
    assert (found.left_segment.tolist(), found.right_segment.tolist()) == ([0], [0])


def test_no_pair_gives_no_measure(whole):
    assert len(measure_pairs(whole.left(), whole.right(), np.empty((0, 2), dtype=np.int64)).mass) == 0
