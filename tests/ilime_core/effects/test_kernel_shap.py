"""KernelSHAP: values on planted towers, its constraint and its errors.

Proves ilime_core.effects.normal_equations.
"""

from math import comb, factorial

import numpy as np
import pytest
import torch

from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.errors import RankDeficientError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.paired_sizes import SizeBudget, size_mixture
from ilime_core.records import MaskedEmbeddings, MaskSets
from ilime_core.synthetic.planted import AttentionTower, TanhTower


def item_of(tower, n_masks, shapley=0, seed=0):
    request = MaskRequest("foldover", n_masks, shapley_masks=shapley)
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(seed))
    rows = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, plan.sets)


def shapley_by_definition(tower):
    n, seen = tower.n_segments, tower(enumerate_all(tower.n_segments))
    values = torch.zeros(n, tower.dim, dtype=torch.float64)
    for segment in range(n):
        for row in range(2**n):
            if not row >> segment & 1:
                size = row.bit_count()
                weight = factorial(size) * factorial(n - size - 1) / factorial(n)
                values[segment] += weight * (seen[row | 1 << segment] - seen[row])
    return values


@pytest.mark.parametrize("segments", [1, 2, 3, 8])
def test_all_coalitions_give_shapley_values(segments):
    tower = AttentionTower(0, segments, 5)
    found = ESTIMATORS["kernel_shap"].make([item_of(tower, 256)], FitOptions())[0]
    torch.testing.assert_close(found.effects, shapley_by_definition(tower), rtol=0, atol=1e-11)
    assert not found.sampled
    # The mean is over coalitions whose size is uniform.
    seen = tower(enumerate_all(segments)).numpy()
    sizes = enumerate_all(segments).sum(axis=1)
    share = np.array([1.0 / (segments + 1) / comb(segments, size) for size in sizes])
    np.testing.assert_allclose(found.mean, share @ seen, atol=1e-12)


def test_effects_sum_to_what_the_item_changes_however_few_masks_there_are():
    tower = AttentionTower(1, 20, 5)
    found = ESTIMATORS["kernel_shap"].make([item_of(tower, 64, 16)], FitOptions())[0]
    torch.testing.assert_close(found.effects.sum(dim=0), tower.full - tower.empty)
    torch.testing.assert_close(found.intercept, tower.empty)


@pytest.mark.parametrize("shapley", [0, 16])
def test_sampled_values_are_the_least_squares_solution_under_the_sum(shapley):
    tower = AttentionTower(3, 9, 5)
    item = item_of(tower, 32, shapley)
    found = ESTIMATORS["kernel_shap"].make([item], FitOptions())[0]
    rows, n = item.masks.numpy(), 9
    sizes = rows.sum(axis=1)
    # How many rows of each size a whole design has in the mean: binomial, and the Shapley rows beside them.
    plan = size_mixture(n, SizeBudget(item.sets.n_banzhaf, len(rows) - item.sets.n_banzhaf, 0.5))
    inside = (sizes > 0) & (sizes < n)
    sizes, rows = sizes[inside], rows[inside].astype(float)
    weights = np.array([1 / (s * (n - s)) / plan[s - 1] for s in sizes])  # of all coalitions of that size
    change = (tower.full - tower.empty).numpy()
    gains = (item.embeddings[inside] - tower.empty).numpy()
    # The last value is the sum less the others: what is left to solve has no constraint.
    free = rows[:, :-1] - rows[:, -1:]
    root = np.sqrt(weights)[:, None]
    values = np.linalg.lstsq(root * free, root * (gains - rows[:, -1:] * change), rcond=None)[0]
    expected = np.vstack([values, change - values.sum(axis=0)])
    np.testing.assert_allclose(found.effects, expected, atol=1e-10)


def test_errors_fall_with_the_root_of_the_masks():
    tower = TanhTower(2, 10, 6)
    truth = shapley_by_definition(tower)
    errors = []
    for masks in (64, 256):
        items = [item_of(tower, masks, masks, seed) for seed in range(40)]
        assert not items[0].sets.enumerated
        found = torch.stack([one.effects for one in ESTIMATORS["kernel_shap"].make(items, FitOptions())])
        errors.append((found - truth).square().mean().sqrt().item())
    assert 1.6 < errors[0] / errors[1] < 2.6


def test_too_few_masks_are_refused():
    tower = TanhTower(0, 30, 4)
    rows = torch.from_numpy(np.random.default_rng(0).random((12, 30)) < 0.5)
    sets = {"banzhaf": slice(0, 12)}
    item = MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, MaskSets(sets, "foldover", 0.5))
    with pytest.raises(RankDeficientError, match="at least 31"):
        ESTIMATORS["kernel_shap"].make([item], FitOptions())
