"""Shares of variance and fidelity on held-out scores.

Proves ilime_core.opaque.affine.
"""

import numpy as np
import pytest
import torch

from ilime_core.opaque.affine import AffineForm
from ilime_core.opaque.held_out import (
    HeldOutGrid,
    SideRows,
    all_rows,
    held_out_fidelity,
    held_out_grid,
    variance_components,
)
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.pair_records import PairFitOptions

GAME = PlantedPairGame(5, 6, 5, link=torch.sigmoid)


def _population(p=0.5):
    left, right = all_rows(6, p), all_rows(5, p)
    return HeldOutGrid(left, right, GAME.grid(left.masks, right.masks))


def _form(seed=0):
    draw = np.random.default_rng(seed).standard_normal
    parts = (0.05 * draw(6), 0.05 * draw(5), 0.05 * draw((6, 5)))
    return AffineForm(0.4, *map(torch.from_numpy, parts))


@pytest.mark.parametrize("p", [0.5, 0.8])
def test_every_share_is_what_the_law_says(p):
    form, held_out = _form(), _population(p)
    left, right, scores = held_out.left, held_out.right, held_out.scores.numpy()
    law = np.outer(left.shares, right.shares)
    assert law.sum() == pytest.approx(1)
    z, w = left.masks.double().numpy(), right.masks.double().numpy()
    predicted = form.intercept + (z @ form.left.numpy())[:, None] + (w @ form.right.numpy())[None]
    predicted = predicted + z @ form.weights.numpy() @ w.T
    mean = (law * scores).sum()
    variance = (law * (scores - mean) ** 2).sum()
    of_left = scores @ right.shares.numpy() - mean
    of_right = left.shares.numpy() @ scores - mean
    cross = scores - mean - of_left[:, None] - of_right[None]
    found = held_out_fidelity(held_out, form, form.linear_part(p))
    assert found.total == pytest.approx(1 - (law * (scores - predicted) ** 2).sum() / variance)
    assert found.share_left == pytest.approx((left.shares.numpy() * of_left**2).sum() / variance)
    assert found.share_right == pytest.approx((right.shares.numpy() * of_right**2).sum() / variance)
    assert found.share_cross == pytest.approx((law * cross**2).sum() / variance)
    product = (z - p) @ form.weights.numpy() @ (w - p).T
    of_cross = 1 - (law * (cross - product) ** 2).sum() / (law * cross**2).sum()
    assert found.cross == pytest.approx(of_cross)
    linear = predicted - product
    assert found.linear == pytest.approx(1 - (law * (scores - linear) ** 2).sum() / variance)


@pytest.mark.parametrize("held_out", [16, 40])
def test_components_of_sampled_grids_are_unbiased(held_out):
    game = PlantedPairGame(5, 6, 5, link=torch.tanh)
    left, right = all_rows(6, 0.5), all_rows(5, 0.5)
    truth = variance_components(HeldOutGrid(left, right, game.grid(left.masks, right.masks)))
    options = PairFitOptions(held_out=held_out)
    grids = [held_out_grid(game, options, np.random.default_rng(seed)) for seed in range(400)]
    assert {len(one.left.masks) for one in grids} == {held_out}
    assert {one.right.sampled for one in grids} == {held_out == 16}
    drawn = np.array([variance_components(one) for one in grids])
    apart = np.abs(drawn.mean(0) - truth) / (drawn.std(0) / 20)
    assert apart.max() < 3


def test_no_component_of_a_sampled_grid_is_below_zero():
    """Means of rows and columns do not vary: what chance adds to their variance is taken off."""
    rows = SideRows(torch.eye(2, dtype=torch.bool), torch.full((2,), 0.5, dtype=torch.float64), sampled=True)
    scores = torch.tensor([[1.0, -1.0], [-1.0, 1.0]], dtype=torch.float64)
    # A mean square of 1 in the four cells, over one degree of freedom of four.
    assert variance_components(HeldOutGrid(rows, rows, scores)) == pytest.approx((0.0, 0.0, 4.0))


def test_a_perfect_surrogate_has_one_and_a_constant_score_nothing():
    game = PlantedPairGame(0, 6, 5)
    form = AffineForm(game.intercept, game.left_effects, game.right_effects, game.interactions)
    held_out = held_out_grid(game, PairFitOptions(p=0.7), np.random.default_rng(0))
    found = held_out_fidelity(held_out, form, form.linear_part(0.7))
    assert found.total == pytest.approx(1)
    assert found.cross == pytest.approx(1)
    assert found.linear < 0.99
    flat = HeldOutGrid(held_out.left, held_out.right, torch.full_like(held_out.scores, 0.3))
    nothing = held_out_fidelity(flat, form, None)
    assert (nothing.total, nothing.cross, nothing.share_left, nothing.linear) == (None, None, None, None)


def test_pairs_within_an_item_count_once():
    within = torch.tensor([[0.0, 2.0], [2.0, 0.0]], dtype=torch.float64)
    zero = torch.zeros(2, dtype=torch.float64)
    form = AffineForm(1.0, zero, zero, torch.zeros(2, 2, dtype=torch.float64), left_within=within)
    masks = torch.tensor([[True, True], [True, False]])
    assert form.grid(masks, masks).tolist() == [[3, 3], [1, 1]]
