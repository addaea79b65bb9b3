"""False discoveries among cells that are exactly zero; tests/benchmarks/bench_discoveries.py has more.

Proves ilime_core.synthetic.null_towers.
"""

import numpy as np
import pytest
import torch
from scipy.special import ndtr

from ilime_core.aggregates.corrections import benjamini_hochberg
from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf, fit_banzhaf_batch
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.significance import LEVEL, pair_significance
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.null_towers import HammingTower, SumTower
from ilime_core.synthetic.planted import TanhTower

RUNS = 250


def _exact(tower):
    masks = torch.from_numpy(enumerate_all(tower.n_segments))
    options = BanzhafOptions(enumerated=True)
    return fit_banzhaf(masks, tower(masks), tower.empty, tower.full, options=options)


def _drawn(left, right, n_masks):
    """W of one pair under many left designs, all right coalitions encoded."""
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([foldover(left.n_segments, n_masks, rng) for _ in range(RUNS)]))
    embeddings = torch.stack([left(rows) for rows in masks])
    ends = [end.expand(RUNS, -1) for end in (left.empty, left.full)]
    stacks = stack_effects(fit_banzhaf_batch(masks, embeddings, *ends)), stack_effects([_exact(right)])
    fits = fit_pairs(*stacks, torch.arange(RUNS), torch.zeros(RUNS, dtype=torch.long))
    return tuple(one.numpy() for one in (fits.weights, fits.errors.standard_errors, fits.errors.degrees))


def test_no_segment_of_the_null_tower_has_an_effect():
    tower = HammingTower(0, 9, 6)
    masks = torch.from_numpy(enumerate_all(9))
    assert _exact(tower).effects.abs().max() < 1e-12
    torch.testing.assert_close(tower(masks).norm(dim=1), torch.ones(512, dtype=torch.float64))
    # What a regression takes for noise is there: odd parts that no single segment makes.
    odd = tower(masks) - tower(~masks)
    assert odd.std(dim=0).min() > 0.1
    both = _exact(SumTower(tower, TanhTower(1, 2, 4))).effects
    assert both[:7].abs().max() < 1e-12
    assert both[7:].abs().amax(dim=1).min() > 0.05


def test_false_discoveries_are_few_under_students_t_and_many_under_the_normal_law():
    weights, errors, degrees = _drawn(HammingTower(0, 24, 32), TanhTower(1, 6, 32), 64)
    present = np.ones(weights.shape, dtype=bool)
    assert (degrees == 64 / 2 - 24).all()
    found = pair_significance(weights, errors, degrees, present)
    assert (found.p_values < LEVEL).mean() == pytest.approx(0.05, abs=0.015)
    # Where nothing is there, any discovery is false; 250 designs leave .03 to chance.
    assert (found.share > 0).mean() < 0.08
    assert ((found.smallest_adjusted <= LEVEL) == (found.share > 0)).all()
    normal = 2 * ndtr(-np.abs(weights) / errors).reshape(RUNS, -1)
    assert (benjamini_hochberg(normal) <= LEVEL).any(axis=1).mean() > 0.3


def test_few_of_the_cells_that_are_kept_are_null():
    left = SumTower(HammingTower(0, 30, 32), TanhTower(2, 3, 32))
    weights, errors, degrees = _drawn(left, TanhTower(1, 6, 64), 128)
    found = pair_significance(weights, errors, degrees, np.ones(weights.shape, dtype=bool))
    kept = benjamini_hochberg(found.p_values.reshape(RUNS, -1)).reshape(weights.shape) <= LEVEL
    assert kept.mean(axis=(1, 2)) == pytest.approx(found.share)
    rate = (kept[:, :-3].sum(axis=(1, 2)) / np.maximum(kept.sum(axis=(1, 2)), 1)).mean()
    assert rate < 0.07
    assert kept[:, -3:].mean() > 0.2
