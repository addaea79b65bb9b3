import math
from itertools import permutations

import numpy as np
import pytest
import torch
from every import every

from ilime_core.effects.product_shapley import ShapleyOptions, fit_product_shapley
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.perturbation.paired_sizes import SizeBudget, paired_sizes
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, PlantedTower, TanhTower


class SizeTower(AdditiveTower):
    """Additive, and a cubic in the number of kept segments beside it."""

    def _embed(self, kept):
        size = kept.sum(dim=1, keepdim=True)
        return super()._embed(kept) + torch.cat([size**2, size**3 / 10.0], dim=1)


def fit(tower, masks, n_banzhaf, *, enumerated=False, p=0.5):
    kept = torch.from_numpy(masks)
    options = ShapleyOptions(n_banzhaf, p, enumerated)
    return fit_product_shapley(kept, tower(kept), tower.empty, tower.full, options=options)


def shared_design(segments, n_banzhaf, n_shapley, rng, p=0.5):
    budget = SizeBudget(n_banzhaf, n_shapley, p)
    if p == 0.5:
        banzhaf = foldover(segments, n_banzhaf, rng) if n_banzhaf else np.zeros((0, segments), dtype=bool)
    else:
        banzhaf = bernoulli_masks(segments, n_banzhaf, p, rng)
    return np.concatenate([banzhaf, paired_sizes(segments, budget, rng)])


def exact(tower: PlantedTower):
    return fit(tower, enumerate_all(tower.n_segments), 2**tower.n_segments, enumerated=True)


def close(actual, expected, atol=1e-10):
    torch.testing.assert_close(actual, expected, rtol=0, atol=atol)


def test_an_enumeration_gives_the_mean_contribution_over_all_orders():
    tower = AttentionTower(0, 5, 4)
    expected = torch.zeros(5, 4, dtype=torch.float64)
    for order in permutations(range(5)):
        prefix = torch.zeros(6, 5, dtype=torch.bool)
        for place, segment in enumerate(order):
            prefix[place + 1 :, segment] = True
        expected[list(order)] += tower(prefix).diff(dim=0) / math.factorial(5)
    fitted = exact(tower)
    close(fitted.effects, expected)
    assert (fitted.error_scale == 0).all()
    assert fitted.error is not None
    assert not fitted.sampled


def test_values_are_complete_however_few_masks():
    left, right = TanhTower(0, 20, 8), AttentionTower(1, 9, 8)
    rng = np.random.default_rng(0)
    a = fit(left, shared_design(20, 64, 32, rng), 64)
    b = fit(right, shared_design(9, 32, 32, rng), 32)
    corners = (left.full - left.empty) @ (right.full - right.empty)
    close((a.effects @ b.effects.T).sum(), corners)
    close(a.intercept + a.effects.sum(0), left.full)
    total = (
        left.empty @ right.empty + (a.effects @ right.empty).sum() + (b.effects @ left.empty).sum() + corners
    )
    close(total, left.full @ right.full)


@pytest.mark.parametrize(
    ("n_banzhaf", "n_shapley", "p"), [(64, 32, 0.5), (0, 64, 0.5), (64, 0, 0.5), (64, 32, 0.8)]
)
def test_effects_of_size_alone_cost_no_noise(n_banzhaf, n_shapley, p):
    effects = torch.from_numpy(np.random.default_rng(0).normal(size=(12, 2)))
    tower = SizeTower(effects, torch.tensor([1.0, -1.0]))
    fitted = fit(tower, shared_design(12, n_banzhaf, n_shapley, np.random.default_rng(1), p), n_banzhaf, p=p)
    close(fitted.effects, effects + torch.tensor([12.0, 14.4], dtype=torch.float64), 1e-8)
    sizes = torch.arange(13, dtype=torch.float64)
    expected = torch.stack([(sizes**2).mean(), (sizes**3 / 10).mean()]) + effects.sum(0) / 2 + tower.intercept
    close(fitted.mean, expected, 1e-8)


@pytest.mark.parametrize(("n_banzhaf", "n_shapley", "p"), [(32, 32, 0.5), (0, 64, 0.5), (32, 32, 0.75)])
def test_sampled_values_lose_their_bias_and_improve_with_the_root_of_the_masks(n_banzhaf, n_shapley, p):
    tower = AttentionTower(0, 9, 4)
    expected = exact(tower)
    rng = np.random.default_rng(0)
    errors, z = [], torch.zeros(0)
    for times in (1, 4):
        rows = (times * n_banzhaf, times * n_shapley)
        results = [fit(tower, shared_design(9, *rows, rng, p), rows[0], p=p) for _ in range(100)]
        deviations = torch.stack([one.effects for one in results]) - expected.effects
        errors.append(float(deviations.square().mean().sqrt()))
        z = deviations.mean(0) / (deviations.std(0) / math.sqrt(100))
        means = torch.stack([one.mean for one in results]) - expected.mean
        assert float(means.mean(0).norm()) < 0.02 * float(expected.mean.norm())
    assert z.square().mean() < 2.5
    # Without replacement small sizes are exhausted, so that more masks help at least by the root.
    assert 1.7 < errors[0] / errors[1] < 3.5


def test_the_weights_know_which_rows_are_banzhaf_rows():
    tower = AttentionTower(0, 9, 4)
    masks = shared_design(9, 64, 64, np.random.default_rng(0))
    right, wrong = fit(tower, masks, 64), fit(tower, masks, 0)
    assert (right.effects - wrong.effects).abs().max() > 1e-3
    biased = fit(tower, masks, 64, p=0.9)
    assert (right.effects - biased.effects).abs().max() > 1e-3


@pytest.mark.parametrize("segments", [1, 2, 3, 4])
def test_few_segments_are_exact_from_masks_that_cover_their_coalitions(segments):
    tower = AttentionTower(0, segments, 4)
    masks = np.concatenate([enumerate_all(segments)] * 2)
    # Every coalition twice stands for equal sizes only up to three segments: then the law does not matter.
    fitted = fit(tower, masks, len(masks))
    assert fitted.rank == segments
    close(fitted.effects.sum(0), tower.full - tower.empty)
    if segments <= 3:
        close(fitted.effects, exact(tower).effects)
    close(fitted.mean, exact(tower).mean, 1e-10 if segments <= 3 else 0.05)


def test_halves_disagree_by_about_twice_the_error_of_the_whole():
    tower = TanhTower(0, 20, 8)
    truth = fit(tower, shared_design(20, 16384, 16384, np.random.default_rng(9)), 16384).effects
    rng = np.random.default_rng(0)
    ratios = []
    for n_banzhaf in (64, 128, 192):
        results = [fit(tower, shared_design(20, n_banzhaf, 64, rng), n_banzhaf) for _ in range(40)]
        claimed = math.sqrt(sum(float((one.halves[0] - one.halves[1]).square().sum()) / 4 for one in results))
        actual = math.sqrt(sum(float((one.effects - truth).square().sum()) for one in results))
        ratios.append(claimed / actual)
    assert every(0.7 < ratio < 2.0 for ratio in ratios), ratios


def test_both_rows_of_a_complement_pair_are_in_one_half_also_where_pairs_are_odd_in_number():
    tower, rng = TanhTower(1, 8, 4), np.random.default_rng(0)
    masks = foldover(8, 64, rng)
    masks = torch.from_numpy(np.concatenate([masks, paired_sizes(8, SizeBudget(64, 18, 0.5), rng)]))
    plain, options = tower(masks), ShapleyOptions(n_banzhaf=64)
    before = fit_product_shapley(masks, plain, tower.empty, tower.full, options=options).halves
    for pair in range(9):
        rows = [64 + pair, 64 + 9 + pair]
        assert torch.equal(masks[rows[0]], ~masks[rows[1]])
        moved = plain.clone()
        moved[rows] += torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
        after = fit_product_shapley(masks, moved, tower.empty, tower.full, options=options).halves
        assert [torch.equal(one, other) for one, other in zip(before, after, strict=True)].count(True) == 1


def test_halves_that_cannot_identify_the_values_are_not_given():
    tower = TanhTower(0, 12, 4)
    fitted = fit(tower, shared_design(12, 0, 28, np.random.default_rng(0)), 0)
    assert fitted.halves is None


@pytest.mark.parametrize(
    ("rows", "n_banzhaf", "enumerated", "error", "message"),
    [
        (6, 0, False, RankDeficientError, "of 9 segments: at least 14"),
        (40, 41, False, InputError, r"within 0 \.\.\. 40, got 41"),
        (40, 40, True, InputError, "has 512 masks, got 40"),
    ],
)
def test_masks_that_cannot_serve_are_refused(rows, n_banzhaf, enumerated, error, message):
    masks = paired_sizes(9, SizeBudget(0, rows), np.random.default_rng(0))
    with pytest.raises(error, match=message):
        fit(TanhTower(0, 9, 3), masks, n_banzhaf, enumerated=enumerated)
