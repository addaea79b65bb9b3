import numpy as np
import pytest
import torch

from ilime_core.retrieval import modality_gap as module
from ilime_core.retrieval.modality_gap import modality_gap
from ilime_core.retrieval.pool import Pool


def pool_of(queries, candidates):
    ids = (
        tuple(f"{side}{n}" for n in range(len(rows)))
        for side, rows in zip("qc", (queries, candidates), strict=True)
    )
    return Pool(torch.as_tensor(queries), torch.as_tensor(candidates), *ids)


def draw(seed, n_queries=150, n_candidates=120):
    rng = np.random.default_rng(seed)
    sides = (rng.normal([0.8, 0, 0], 1, (n_queries, 3)), rng.normal([0, 0.5, 0], 1, (n_candidates, 3)))
    return pool_of(*(rows / np.linalg.norm(rows, axis=1, keepdims=True) for rows in sides))


def every(pool):
    return np.ones(len(pool.query_ids), dtype=bool)


def test_two_points_by_hand():
    pool = pool_of(np.eye(2)[[0, 0]], np.eye(2)[[1, 1, 1]])
    found = modality_gap(pool, every(pool))
    assert found.distance.value == pytest.approx(np.sqrt(2))
    assert found.share.value == 1.0  # nothing varies within a side
    assert found.distance.standard_error is None


def test_share_is_between_over_total_squared_distance():
    pool = draw(1)
    chosen = np.arange(150) < 25
    a, b = pool.queries.numpy()[chosen], pool.candidates.numpy()
    middle = (a.mean(0) + b.mean(0)) / 2
    total = (((a - middle) ** 2).sum(1).mean() + ((b - middle) ** 2).sum(1).mean()) / 2
    between = (((a.mean(0) - middle) ** 2).sum() + ((b.mean(0) - middle) ** 2).sum()) / 2
    found = modality_gap(pool, chosen)
    assert found.distance.value == pytest.approx(np.linalg.norm(a.mean(0) - b.mean(0)))
    assert found.share.value == pytest.approx(between / total)
    assert found.share.n == 25


def test_intervals_cover_the_gap_of_many_items():
    pool = draw(0, 200_000, 200_000)
    truth = modality_gap(pool, every(pool))
    for part in ("distance", "share"):
        true = getattr(truth, part).value
        found = [getattr(modality_gap(pool, every(pool)), part) for pool in map(draw, range(1, 301))]
        assert 0.91 <= np.mean([one.low <= true <= one.high for one in found]) <= 0.98, part
        spread = np.std([one.value for one in found])
        assert np.mean([one.standard_error for one in found]) == pytest.approx(spread, rel=0.12), part


def test_sums_in_pieces_are_the_whole(monkeypatch):
    pool = draw(3)
    whole = modality_gap(pool, every(pool))
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 7)
    pieces = modality_gap(pool, every(pool))
    assert pieces.distance.value == pytest.approx(whole.distance.value, rel=1e-12)
    assert pieces.share.standard_error == pytest.approx(whole.share.standard_error, rel=1e-9)


def test_one_place_for_all_has_no_share():
    pool = pool_of(np.eye(2)[[0, 0]], np.eye(2)[[0, 0, 0]])
    found = modality_gap(pool, every(pool))
    assert (found.distance.value, found.distance.low, found.share.value) == (0.0, None, None)
    assert modality_gap(pool, np.zeros(2, dtype=bool)).distance.value is None
