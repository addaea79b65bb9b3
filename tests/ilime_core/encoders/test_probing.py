import itertools

import pytest
import torch

from ilime_core.encoders.probing import first_recall, probe_tower

ROWS = torch.nn.functional.normalize(torch.arange(1.0, 13.0).reshape(4, 3), dim=1)


def test_a_sound_tower():
    probe = probe_tower(lambda order: ROWS[list(order)], 4)
    assert (probe.n_non_finite, probe.repeats, probe.order_gap) == (0, True, 0.0)
    assert probe.norm_error < 1e-6


def test_each_broken_promise_is_seen():
    assert probe_tower(lambda order: 1.5 * ROWS[list(order)], 4).norm_error == pytest.approx(0.5)
    broken = ROWS.clone()
    broken[1, 0], broken[2, 2] = torch.nan, torch.inf
    probe = probe_tower(lambda order: broken[list(order)], 4)
    assert (probe.n_non_finite, probe.repeats) == (2, True)
    calls = itertools.count()
    assert not probe_tower(lambda order: ROWS[list(order)] + 1e-6 * next(calls), 4).repeats
    # A tower that mixes the places of a batch, as batch normalisation in training mode does.
    place = torch.tensor([[0.0], [0.0], [0.0], [0.25]])
    assert probe_tower(lambda order: ROWS[list(order)] + place, 4).order_gap == pytest.approx(0.25)


def test_recall_of_a_small_pool_and_its_chance():
    scores = torch.tensor([[0.9, 0.1, 0.0], [0.8, 0.1, 0.0], [0.0, 0.2, 0.1], [1.0, 0.0, 0.0]])
    relevant = torch.tensor([[1, 0, 0], [0, 1, 1], [0, 1, 0], [0, 0, 0]], dtype=torch.bool)
    recall = first_recall(scores, relevant)
    assert (recall.n_queries, recall.value) == (3, pytest.approx(2 / 3))
    assert recall.chance == pytest.approx((1 / 3 + 2 / 3 + 1 / 3) / 3)
    assert first_recall(scores, torch.zeros_like(relevant)).n_queries == 0
