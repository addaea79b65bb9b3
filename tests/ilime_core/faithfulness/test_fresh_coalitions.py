from dataclasses import replace

import numpy as np
import pytest
from planted_pairs import Counting, encoded_for, random_game, score

from ilime_core.errors import InputError
from ilime_core.faithfulness.encoded import EncodedCoalitions, merge_masks
from ilime_core.faithfulness.fresh_coalitions import FreshCoalitions, fresh_coalitions, surrogate_scores
from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.options import MetricOptions


def grids_of(options, pair, left, right):
    reading = FreshCoalitions(options)
    return reading.read(pair, *encoded_for(reading, pair, left, right))


def test_segments_are_kept_with_the_probability_and_independently():
    kept = fresh_coalitions(MetricOptions(n_coalitions=4000), "i1", 3, 0.3)
    assert kept.mean(axis=0) == pytest.approx(0.3, abs=4 * np.sqrt(0.21 / 4000))
    together = (kept[:, 0] & kept[:, 1]).mean()
    assert together == pytest.approx(0.09, abs=4 * np.sqrt(0.09 * 0.91 / 4000))


def test_draws_move_with_seed_item_and_probability_and_not_with_the_partner():
    options = MetricOptions(n_coalitions=8)
    base = fresh_coalitions(options, "i1", 20, 0.5)
    assert (base == fresh_coalitions(options, "i1", 20, 0.5)).all()
    for other in (
        fresh_coalitions(replace(options, seed=1), "i1", 20, 0.5),
        fresh_coalitions(options, "i2", 20, 0.5),
        ~fresh_coalitions(options, "i1", 20, 0.50001),
    ):
        assert 0.2 < (other == base).mean() < 0.8
    pair = random_game(0, 5, 3)[2]
    other = replace(random_game(1, 5, 4)[2], right_id="t2")
    metric = FreshCoalitions(options)
    assert (metric.masks(pair)[0] == metric.masks(other)[0]).all()


def test_a_grid_holds_the_model_on_every_combination():
    left, right, pair = random_game(2, 5, 3)
    grids = grids_of(MetricOptions(n_coalitions=6, probabilities=(0.3, 0.6)), pair, left, right)
    assert [grid.probability for grid in grids] == [0.3, 0.6]
    for grid in grids:
        assert grid.scores.shape == (6, 6)
        for i in range(6):
            for j in range(6):
                assert grid.scores[i, j] == pytest.approx(score(left, right, grid.left[i], grid.right[j]))
        assert grid.whole == pytest.approx(score(left, right, np.ones(5), np.ones(3)))


def test_the_surrogate_predicts_up_to_its_intercept():
    left, right, pair = random_game(3, 4, 3)
    x, y = (np.asarray(rows, dtype=bool) for rows in ([[1, 0, 1, 0], [0, 0, 0, 0]], [[0, 1, 1], [1, 1, 1]]))
    full = surrogate_scores(pair, Control.EXPLANATION, x, y)
    exact = np.asarray([[score(left, right, a, b) for b in y] for a in x])
    assert full == pytest.approx(exact - score(left, right, np.zeros(4), np.zeros(3)))
    alone = surrogate_scores(pair, Control.INTERACTIONS, x, y)
    assert alone[0, 0] == pytest.approx(pair.interactions[[0, 2]][:, [1, 2]].sum())
    assert alone[1].tolist() == [0, 0]
    linear = surrogate_scores(pair, Control.MAIN_EFFECTS, x, y)
    assert linear[0, 0] == pytest.approx(pair.left_main[[0, 2]].sum() + pair.right_main[[1, 2]].sum())
    with pytest.raises(KeyError):
        surrogate_scores(pair, Control.RANDOM, x, y)


def test_encodes_are_counted_and_shared_by_all_pairs_of_an_item():
    left, right, pair = random_game(4, 9, 3)
    metric = FreshCoalitions(MetricOptions(n_coalitions=16))
    towers = Counting(left), Counting(right)
    encoded_for(metric, pair, *towers)
    for tower, n_segments in zip(towers, (9, 3), strict=True):
        assert len(set(tower.asked)) == len(tower.asked) <= metric.most_encodes(n_segments, 5)
    assert metric.most_encodes(9, 1) == metric.most_encodes(9, 5) == 48
    assert metric.most_encodes(3, 1) == 6
    partners = [replace(random_game(seed, 9, 4)[2], right_id=f"t{seed}") for seed in range(3)]
    merged = merge_masks(("i1", metric.masks(one)[0]) for one in (pair, *partners))["i1"]
    assert len(merged.rows) == len(towers[0].asked)


def test_a_coalition_that_nobody_encoded_is_refused():
    import torch

    _, _, pair = random_game(4, 9, 3)
    metric = FreshCoalitions(MetricOptions())
    known = merge_masks([("i", np.eye(9, dtype=bool)), ("t", np.eye(3, dtype=bool))])
    items = [EncodedCoalitions(m, torch.ones(len(m.rows), 2), *torch.ones(2, 2)) for m in known.values()]
    with pytest.raises(InputError, match="were not encoded"):
        metric.read(pair, *items)
