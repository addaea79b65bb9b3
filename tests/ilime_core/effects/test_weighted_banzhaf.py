import numpy as np
import pytest
import torch

from ilime_core.effects.covariance import quadratic_form
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.effects.weighted_banzhaf import WeightedRows
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.enumerate_all import enumerate_all, product_law
from ilime_core.records import MaskedEmbeddings
from ilime_core.synthetic.planted import AttentionTower, TanhTower


def item_of(tower, p, n_rows=256, n_masks=4, seed=0):
    request = MaskRequest("foldover", n_masks, further={"weighted": WeightedRows(n_rows, p)})
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(seed))
    rows = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, plan.sets)


def effects_of(items, p):
    return ESTIMATORS["weighted_banzhaf"].make(items, FitOptions(weighted_p=p))


def fitted(left, right, p, stack_p):
    sides = [stack_effects(effects_of([item], p), p=stack_p) for item in (left, right)]
    only = torch.zeros(1, dtype=torch.long)
    return fit_pairs(*sides, only, only)


def by_definition(left, right, p):
    """Mixed differences averaged over coalitions that keep each other segment with probability p."""
    means = []
    for tower in (left, right):
        masks = enumerate_all(tower.n_segments)
        law, seen = product_law(masks, p), tower(masks).numpy()
        # E[g | i kept] - E[g | i removed]: the law without i is the law of the others.
        means.append(np.stack([(law * kept / p) @ seen - (law * ~kept / (1 - p)) @ seen for kept in masks.T]))
    return means[0] @ means[1].T


def true_r2(left, right, p, weights):
    """R2 of the cross part over all coalitions of both items under the law of p."""
    parts = []
    for tower in (left, right):
        masks = enumerate_all(tower.n_segments)
        parts.append((masks - p, product_law(masks, p), tower(masks).numpy()))
    (x, x_law, g), (y, y_law, h) = parts
    g, h = g - x_law @ g, h - y_law @ h
    cross, told = g @ h.T, x @ weights @ y.T
    law = np.outer(x_law, y_law)
    return 1.0 - (law * (cross - told) ** 2).sum() / (law * cross**2).sum()


@pytest.mark.parametrize("p", [0.3, 0.8])
def test_all_coalitions_give_p_weighted_interactions_and_their_fidelity(p):
    left, right = AttentionTower(0, 6, 5), TanhTower(1, 4, 5)
    fits = fitted(item_of(left, p), item_of(right, p), p, p)
    weights = by_definition(left, right, p)
    np.testing.assert_allclose(fits.weights[0], weights, atol=1e-12)
    np.testing.assert_allclose(fits.variance.r2_cross, true_r2(left, right, p, weights), atol=1e-10)
    wrong = fitted(item_of(left, p), item_of(right, p), p, 0.5)
    assert abs(float(wrong.variance.r2_cross) - float(fits.variance.r2_cross)) > 0.05


def test_fidelity_of_drawn_masks_is_unknown_off_one_half():
    left, right = item_of(TanhTower(0, 12, 8), 0.7), item_of(TanhTower(1, 5, 8), 0.7)
    assert not left.sets.enumerated
    assert fitted(left, right, 0.7, 0.7).variance.r2_cross.isnan().all()


def test_standard_errors_tell_the_spread_between_draws():
    tower, direction = TanhTower(3, 20, 6), torch.ones(6, dtype=torch.float64)
    found = effects_of([item_of(tower, 0.8, 256, seed=seed) for seed in range(80)], 0.8)
    spread = torch.stack([one.effects @ direction for one in found]).std(dim=0)
    told = torch.stack(
        [one.error_scale * quadratic_form(one.error, direction[None])[0] for one in found]
    ).mean(dim=0)
    assert abs((told.sqrt() / spread).mean().item() - 1.0) < 0.15


def test_the_item_s_own_rows_and_probability_do_not_matter():
    tower = TanhTower(3, 20, 6)
    one, other = effects_of([item_of(tower, 0.8), item_of(tower, 0.8, n_masks=128)], 0.8)
    assert torch.equal(one.effects, other.effects)
