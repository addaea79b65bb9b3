"""Pairs of two refined items: errors and coverage of W where both sides are drawn.

Proves ilime_core.interactions.standard_errors.
"""

import numpy as np
import pytest
import torch
from triple_games import TripleGame, TripleTower

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf, fit_banzhaf_batch
from ilime_core.effects.registry import Refinement
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.significance import two_sided_p_values
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.planted import AttentionTower, TanhTower

ONE = torch.zeros(1, dtype=torch.long)
DESIGNS = 80

SIDES = {
    "attention": ((AttentionTower(5, 17, 32), 128), (AttentionTower(6, 9, 32), 64)),
    "triples": (
        (TripleTower(TripleGame(0, segments=14, dim=32, noise=0.0, third=0.5)), 128),
        (TanhTower(4, 8, 32), 64),
    ),
}


def _pairs(sides, refine: Refinement):
    """W of independent designs of both items, and the truth."""
    stacks, truths = [], []
    for side, (tower, n_masks) in enumerate(sides):
        rng = np.random.default_rng(side)
        masks = torch.as_tensor(np.stack([foldover(tower.n_segments, n_masks, rng) for _ in range(DESIGNS)]))
        embeddings = torch.stack([tower(rows) for rows in masks])
        ends = [end.expand(DESIGNS, -1) for end in (tower.empty, tower.full)]
        fits = fit_banzhaf_batch(masks, embeddings, *ends, options=BanzhafOptions(refine=refine))
        stacks.append(stack_effects(fits, posterior=refine == "posterior"))
        every = torch.as_tensor(enumerate_all(tower.n_segments))
        exact = BanzhafOptions(enumerated=True)
        truths.append(fit_banzhaf(every, tower(every), tower.empty, tower.full, options=exact).effects)
    index = torch.arange(DESIGNS)
    return fit_pairs(*stacks, index, index), truths[0] @ truths[1].mT


@pytest.mark.parametrize("kind", SIDES)
def test_intervals_of_refined_pairs_cover_and_squares_fall(kind):
    squares = {}
    for refine in ("none", "gls", "posterior"):
        fits, truth = _pairs(SIDES[kind], refine)
        off = fits.weights - truth
        squares[refine] = float(off.square().sum((1, 2)).mean())
        arrays = (one.double().numpy() for one in (off, fits.errors.standard_errors, fits.errors.degrees))
        assert 0.92 < (two_sided_p_values(*arrays) > 0.05).mean() < 0.98, refine
        assert float(fits.errors.sum_squared_error.mean()) / squares[refine] == pytest.approx(1, abs=0.3)
    assert squares["posterior"] < squares["gls"] < squares["none"]
