"""Banzhaf effects: values on planted towers, errors over many designs.

Proves ilime_core.effects.least_squares.
"""

import math

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import fit_banzhaf, fit_banzhaf_batch
from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.effects.least_squares import BanzhafOptions
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.enumerate_all import enumerate_all, product_law
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import iid
from ilime_core.synthetic.planted import AttentionTower, BilinearPlanted, TanhTower

ALL = BanzhafOptions(enumerated=True)


def fit(tower, masks, options=None, weights=None):
    kept = torch.from_numpy(masks)
    return fit_banzhaf(kept, tower(kept), tower.empty, tower.full, options=options, weights=weights)


def close(actual, expected, atol=1e-10):
    torch.testing.assert_close(actual, torch.as_tensor(expected), rtol=0, atol=atol)


@pytest.mark.parametrize("p", [0.5, 0.8])
def test_enumerated_products_are_banzhaf_interactions_by_definition(p):
    left, right = TanhTower(0, 4, 6), AttentionTower(1, 3, 6)
    options = BanzhafOptions(p=p, enumerated=True)
    a, b = (fit(tower, enumerate_all(tower.n_segments), options).effects for tower in (left, right))
    masks = [enumerate_all(4), enumerate_all(3)]
    laws = [product_law(mask, p) for mask in masks]
    scores = (left(masks[0]) @ right(masks[1]).T).numpy()
    for i in range(4):
        for j in range(3):
            # Mean over both laws of f(with both) - f(without i) - f(without j) + f(without both).
            signs = [np.where(mask[:, k], 1 / p, -1 / (1 - p)) for mask, k in zip(masks, (i, j), strict=True)]
            expected = (laws[0] * signs[0]) @ scores @ (laws[1] * signs[1])
            close((a @ b.T)[i, j], expected)


@pytest.mark.parametrize("width", [None, 0.7])
def test_products_are_the_least_squares_interactions_of_all_pairs_of_masks(width):
    left, right = TanhTower(0, 5, 6), AttentionTower(1, 3, 6)
    rng = np.random.default_rng(0)
    zx, zy = iid(0.6)(5, 30, rng), foldover(3, 8, rng)
    wx, wy = (
        None if width is None else product_kernel_weights(torch.from_numpy(mask), width) for mask in (zx, zy)
    )
    fitted = fit(left, zx, BanzhafOptions(p=0.6), wx), fit(right, zy, None, wy)
    a, b = fitted[0].effects, fitted[1].effects
    grid = [(x, y) for x in zx.astype(float) for y in zy.astype(float)]
    columns = np.array([np.concatenate([[1.0], x, y, np.outer(x, y).ravel()]) for x, y in grid])
    weight = np.ones(len(grid)) if wx is None or wy is None else np.outer(wx, wy).ravel()
    scores = (left(zx) @ right(zy).T).numpy().ravel()
    root = np.sqrt(weight)
    brute = np.linalg.lstsq(columns * root[:, None], scores * root, rcond=None)[0]
    close(a @ b.T, brute[9:].reshape(5, 3))
    close(a @ fitted[1].intercept, brute[1:6])
    close(b @ fitted[0].intercept, brute[6:9])
    close(fitted[0].intercept @ fitted[1].intercept, brute[0])


@pytest.mark.parametrize("strengths", [(2.0,), (2.0, 0.5), (3.0, 1.0, 0.2)])
def test_planted_interactions_are_recovered_from_any_design(strengths):
    planted = BilinearPlanted(0, 9, 7, 12, strengths)
    rng = np.random.default_rng(0)
    for left, right in [
        (fit(planted.left, foldover(9, 32, rng)), fit(planted.right, enumerate_all(7), ALL)),
        (
            fit(planted.left, iid(0.7)(9, 60, rng), BanzhafOptions(p=0.7)),
            fit(planted.right, foldover(7, 16, rng)),
        ),
    ]:
        close(left.effects @ right.effects.T, planted.interactions)
        close(left.intercept, planted.left.intercept)


def test_the_mean_is_that_of_the_law_and_not_of_the_drawn_masks():
    planted = BilinearPlanted(0, 9, 7, 12, (2.0,))
    masks = iid(0.7)(9, 60, np.random.default_rng(0))
    expected = planted.left.intercept + 0.7 * planted.left.effects.sum(0)
    close(fit(planted.left, masks, BanzhafOptions(p=0.7)).mean, expected)
    assert (planted.left(masks).mean(0) - expected).abs().max() > 0.01


@pytest.mark.parametrize("ridge", [0.0, 0.1])
def test_the_shortcut_on_whole_blocks_equals_the_penalised_regression(ridge):
    tower = TanhTower(0, 12, 6)
    masks = foldover(12, 64, np.random.default_rng(0))
    centred = torch.from_numpy(masks - 0.5)
    embeddings = tower(masks)
    penalised = torch.cat([centred / 8.0, math.sqrt(ridge) * torch.eye(12, dtype=torch.float64)])
    targets = torch.cat([(embeddings - embeddings.mean(0)) / 8.0, torch.zeros(12, 6, dtype=torch.float64)])
    fitted = fit(tower, masks, BanzhafOptions(ridge=ridge))
    close(fitted.effects, torch.linalg.lstsq(penalised, targets).solution)
    close(fitted.intercept, fitted.mean - fitted.effects.sum(0) / 2)
    # The general path takes another order of the same rows, which is no stack of blocks any more.
    turned = fit(tower, np.roll(masks, 1, axis=0), BanzhafOptions(ridge=ridge))
    close(turned.effects, fitted.effects)
    assert fitted.condition == 1.0
    assert abs(turned.condition - 1.0) < 1e-12


def test_estimates_are_unbiased_over_designs():
    tower = AttentionTower(0, 12, 5)
    truth = fit(tower, enumerate_all(12), ALL).effects
    ends = [end.expand(1000, 5) for end in (tower.empty, tower.full)]
    squares = []
    for seed in range(6):
        rng = np.random.default_rng(seed)
        masks = torch.from_numpy(np.stack([foldover(12, 32, rng) for _ in range(1000)]))
        embeddings = tower(masks.reshape(-1, 12)).reshape(1000, 32, 5)
        estimates = torch.stack([one.effects for one in fit_banzhaf_batch(masks, embeddings, *ends)])
        z = (estimates.mean(0) - truth) / (estimates.std(0) / math.sqrt(1000))
        assert z.abs().max() < 4.0
        squares.append(z.square().mean())
    # The 60 values of z of a seed go together: their mean square alone scatters by 0.5.
    assert 0.6 < np.mean(squares) < 1.6


def test_permuting_segments_permutes_effects_and_scaling_scales_them():
    tower = TanhTower(0, 12, 6)
    masks = foldover(12, 64, np.random.default_rng(0))
    order = np.random.default_rng(1).permutation(12)
    kept = torch.from_numpy(masks)
    ends = tower.empty, tower.full
    straight = fit_banzhaf(kept, tower(kept), *ends).effects
    permuted = fit_banzhaf(kept[:, order].contiguous(), tower(kept), *ends).effects
    close(permuted, straight[order])
    close(fit_banzhaf(kept, 3.0 * tower(kept), *ends).effects, 3.0 * straight)


def test_a_batch_equals_its_items_even_where_designs_are_mixed():
    tower = TanhTower(0, 6, 5)
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([foldover(6, 48, rng), iid(0.5)(6, 48, rng), foldover(6, 48, rng)]))
    embeddings = torch.stack([tower(one) for one in masks])
    ends = [end.expand(3, 5) for end in (tower.empty, tower.full)]
    for together, one, rows in zip(
        fit_banzhaf_batch(masks, embeddings, *ends), masks, embeddings, strict=True
    ):
        alone = fit_banzhaf(one, rows, tower.empty, tower.full)
        close(together.effects, alone.effects)
        close(together.error_scale, alone.error_scale)
        close(together.error.factors.T @ together.error.factors, alone.error.factors.T @ alone.error.factors)
        close(together.spread.rest, alone.spread.rest)
        assert together.condition == pytest.approx(alone.condition, rel=1e-9)
        assert together.rank == alone.rank == 6


def test_results_have_the_dtype_of_the_embeddings():
    tower = TanhTower(0, 6, 5)
    kept = torch.from_numpy(foldover(6, 48, np.random.default_rng(0)))
    single = fit_banzhaf(kept, tower(kept).float(), tower.empty.float(), tower.full.float())
    assert single.effects.dtype == single.error.factors.dtype == single.spread.rest.dtype == torch.float32
    close(single.effects.double(), fit_banzhaf(kept, tower(kept), tower.empty, tower.full).effects, 1e-7)


@pytest.mark.parametrize(
    ("masks", "options", "weights", "error", "message"),
    [
        (enumerate_all(4)[:4], None, None, RankDeficientError, "at least 5 are needed"),
        (enumerate_all(4)[:8], None, None, RankDeficientError, "centred rank 3"),
        (enumerate_all(4)[:8], ALL, None, InputError, "has 16 masks, got 8"),
        (enumerate_all(4), BanzhafOptions(ridge=-1.0), None, InputError, "got -1.0"),
        (enumerate_all(4), BanzhafOptions(p=1.0), None, InputError, "and 1.0"),
        (
            enumerate_all(4),
            None,
            torch.zeros(16, dtype=torch.float64),
            InputError,
            "must be positive, got 0.0",
        ),
    ],
)
def test_what_cannot_be_fitted_is_refused_with_what_is_needed(masks, options, weights, error, message):
    with pytest.raises(error, match=message):
        fit(TanhTower(0, 4, 3), masks, options, weights)


def test_a_ridge_serves_designs_of_lower_rank_and_says_so():
    fitted = fit(TanhTower(0, 4, 3), enumerate_all(4)[:8], BanzhafOptions(ridge=0.01))
    assert fitted.rank == 3
    assert fitted.condition == math.inf
    close(fitted.effects[3], torch.zeros(3, dtype=torch.float64))
