"""Parts of the subset score against hand and against their definitions."""

import math
from itertools import product

import numpy as np
import pytest
import torch

from ilime_core.selection.submodular import confidence, effectiveness, region_distances


def real(rows):
    return torch.tensor(rows, dtype=torch.float64)


def test_confidence_by_hand():
    candidates = real([[1.0, 0.0], [0.0, 1.0]])
    rows = real([[0.0, 0.0], [math.log(3.0), 0.0]])
    p = np.array([0.75, 0.25])
    expected = [0.0, 1 + float((p * np.log(p)).sum()) / math.log(2)]
    assert confidence(rows, candidates, 1.0).tolist() == pytest.approx(expected, abs=1e-12)


def test_confidence_is_certain_where_one_candidate_leads_far_or_is_alone():
    candidates = real([[1.0, 0.0], [0.0, 1.0]])
    assert float(confidence(real([[1.0, 0.0]]), candidates, 1000.0)) == pytest.approx(1.0)
    assert confidence(real([[0.0, 0.0]]), candidates[:1], 1.0).tolist() == [1.0]


def test_confidence_grows_with_the_scale():
    candidates, row = real([[1.0, 0.0], [0.0, 1.0]]), real([[0.6, 0.4]])
    small, large = (float(confidence(row, candidates, scale)) for scale in (1.0, 10.0))
    assert 0 < small < large < 1


def test_distances_are_angles_whatever_the_lengths():
    distances = region_distances(real([[2.0, 0.0], [0.0, 3.0], [-1.0, 0.0], [1.0, 1.0]]))
    expected = [[math.inf, 0.5, 1.0, 0.25], [0.5, math.inf, 0.5, 0.25], [1.0, 0.5, math.inf, 0.75]]
    assert distances[:3].numpy() == pytest.approx(np.array(expected), abs=1e-7)


def test_effectiveness_by_hand():
    distances = region_distances(real([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]))
    subsets = torch.tensor([[1, 0, 0], [1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 0]], dtype=torch.bool)
    assert effectiveness(distances, subsets).tolist() == pytest.approx([0.0, 1.0, 2.0, 1.5, 0.0])


def test_effectiveness_is_its_definition_on_all_subsets(monkeypatch):
    monkeypatch.setattr("ilime_core.selection.submodular._CELLS", 60)  # a few subsets at a time
    distances = region_distances(torch.from_numpy(np.random.default_rng(0).normal(size=(5, 7))))
    subsets = list(product([False, True], repeat=5))
    expected = [
        sum(min(float(distances[i, j]) for j in range(5) if s[j] and j != i) for i in range(5) if s[i])
        if sum(s) > 1
        else 0.0
        for s in subsets
    ]
    assert effectiveness(distances, torch.tensor(subsets)).tolist() == pytest.approx(expected, abs=1e-12)
