"""Fits of pairs against brute force over all coalitions.

Proves ilime_core.interactions.bilinear and ilime_core.interactions.main_effects.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.effects.product_shapley import ShapleyOptions, fit_product_shapley
from ilime_core.errors import InputError
from ilime_core.interactions.bilinear import interactions
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, BilinearPlanted, TanhTower

ONE = torch.zeros(1, dtype=torch.long)


def _fit(left, right, **options):
    return fit_pairs(stack_effects([left]), stack_effects([right]), ONE, ONE, **options)


def _tensors(record):
    for name in record.__dataclass_fields__:
        value = getattr(record, name)
        yield from [(name, value)] if isinstance(value, torch.Tensor) else _tensors(value)


def _benchmark(sampled, dim=24):
    left = [sampled(TanhTower(seed, n, dim), 128, seed) for seed, n in enumerate((9, 4, 7))]
    right = [sampled(AttentionTower(seed, n, dim), 64, seed) for seed, n in enumerate((3, 5, 2, 6), start=10)]
    return left, right, torch.tensor([0, 1, 2, 0, 2, 1]), torch.tensor([0, 1, 3, 3, 2, 2])


def test_the_surrogate_is_the_least_squares_fit_on_the_grid_of_masks(sampled):
    towers = AttentionTower(1, 6, 16), TanhTower(2, 4, 16)
    fit = _fit(sampled(towers[0], 32, 0), sampled(towers[1], 16, 1))
    z, w = (
        torch.as_tensor(foldover(t.n_segments, rows, np.random.default_rng(seed)))
        for t, rows, seed in ((towers[0], 32, 0), (towers[1], 16, 1))
    )
    scores = (towers[0](z) @ towers[1](w).mT).flatten()
    x, y = z.double().repeat_interleave(len(w), 0), w.double().repeat(len(z), 1)
    products = (x[:, :, None] * y[:, None, :]).flatten(1)
    design = torch.cat([torch.ones(len(x), 1, dtype=torch.float64), x, y, products], dim=1)
    solution = torch.linalg.lstsq(design, scores[:, None]).solution[:, 0]
    tolerance = {"rtol": 0, "atol": 1e-10}
    torch.testing.assert_close(fit.intercept[0], solution[0], **tolerance)
    torch.testing.assert_close(fit.left.raw_effect[0], solution[1:7], **tolerance)
    torch.testing.assert_close(fit.right.raw_effect[0], solution[7:11], **tolerance)
    torch.testing.assert_close(fit.weights[0], solution[11:].view(6, 4), **tolerance)


def test_main_effects_are_banzhaf_values_of_the_other_item_perturbed_or_whole(enumerated):
    x, y = AttentionTower(1, 4, 16), TanhTower(2, 3, 16)
    fit = _fit(enumerated(x), enumerated(y))
    masks = {n: torch.tensor([[bool(k >> i & 1) for i in range(n)] for k in range(2**n)]) for n in (4, 3)}
    scores = x(masks[4]) @ y(masks[3]).mT
    whole_y, whole_x = x(masks[4]) @ y.full, y(masks[3]) @ x.full
    for i in range(4):
        kept = masks[4][:, i]
        torch.testing.assert_close(fit.left.effect[0, i], scores[kept].mean() - scores[~kept].mean())
        torch.testing.assert_close(fit.left.intact_effect[0, i], whole_y[kept].mean() - whole_y[~kept].mean())
        torch.testing.assert_close(fit.left.net[0, i], fit.weights[0, i].sum())
        torch.testing.assert_close(fit.left.mass[0, i], fit.weights[0, i].abs().sum())
    for j in range(3):
        kept = masks[3][:, j]
        torch.testing.assert_close(fit.right.effect[0, j], scores[:, kept].mean() - scores[:, ~kept].mean())
        torch.testing.assert_close(
            fit.right.intact_effect[0, j], whole_x[kept].mean() - whole_x[~kept].mean()
        )
        torch.testing.assert_close(fit.right.mass[0, j], fit.weights[0, :, j].abs().sum())


def test_the_corners_are_scores_of_whole_and_empty_items(sampled):
    x, y = TanhTower(1, 5, 16), AttentionTower(2, 4, 16)
    fit = _fit(sampled(x, 32, 0), sampled(y, 32, 1))
    torch.testing.assert_close(fit.f_full[0], x.full @ y.full)
    torch.testing.assert_close(fit.f_left_empty[0], x.empty @ y.full)
    torch.testing.assert_close(fit.f_right_empty[0], x.full @ y.empty)
    torch.testing.assert_close(fit.f_empty[0], x.empty @ y.empty)
    mixed = (x.full - x.empty) @ (y.full - y.empty)
    torch.testing.assert_close(fit.completeness_residual[0], mixed - fit.weights.sum())


def test_an_additive_score_has_no_interactions(sampled):
    # <(u(S), 1), (1, v(T))> = u(S) + v(T).
    u, v = torch.randn(2, 8, generator=torch.Generator().manual_seed(0))
    zero = torch.zeros(8)
    left = AdditiveTower(torch.stack([u, zero], dim=1), torch.tensor([0.3, 1.0]))
    right = AdditiveTower(torch.stack([zero, v], dim=1), torch.tensor([1.0, -0.2]))
    fit = _fit(sampled(left, 64, 0), sampled(right, 64, 1))
    assert fit.weights.abs().max() < 1e-14
    torch.testing.assert_close(fit.left.effect[0], u.double())
    torch.testing.assert_close(fit.right.effect[0], v.double())


@pytest.mark.parametrize("strengths", [(2.0,), (2.0, 0.7), (2.0, 0.7, 0.1)])
def test_planted_interactions_are_recovered(sampled, strengths):
    planted = BilinearPlanted(3, 9, 5, 20, strengths)
    fit = _fit(sampled(planted.left, 64, 0), sampled(planted.right, 32, 1))
    torch.testing.assert_close(fit.weights[0], planted.interactions, rtol=0, atol=1e-12)
    assert fit.factors.n_components.item() == len(strengths)
    torch.testing.assert_close(fit.factors.strengths[0, : len(strengths)], planted.strengths)
    for component in range(len(strengths)):
        u, v = planted.left_factors[:, component], planted.right_factors[:, component]
        sign = torch.sign(u.sum() / 9**0.5 + v.sum() / 5**0.5)
        torch.testing.assert_close(fit.factors.left_vectors[0, component], sign * u, rtol=0, atol=1e-9)
        torch.testing.assert_close(fit.factors.right_vectors[0, component], sign * v, rtol=0, atol=1e-9)


def test_leading_signs_do_not_change_between_designs(sampled):
    towers = TanhTower(5, 8, 24), TanhTower(6, 5, 24)
    fits = [_fit(sampled(towers[0], 256, s), sampled(towers[1], 64, 100 + s), n_factors=1) for s in range(20)]
    vectors = torch.cat([fit.factors.left_vectors[:, 0] for fit in fits])
    assert min(fit.factors.sign_margin.item() for fit in fits) > 0.1
    assert (vectors @ vectors.mT).min() > 0.5


def test_permuting_segments_permutes_interactions(sampled):
    left, right = sampled(TanhTower(1, 6, 16), 32, 0), sampled(TanhTower(2, 4, 16), 16, 1)
    order = torch.tensor([3, 0, 5, 1, 4, 2])
    moved = replace(left, effects=left.effects[order], error_scale=left.error_scale[order])
    plain, permuted = _fit(left, right), _fit(moved, right)
    torch.testing.assert_close(permuted.weights[0], plain.weights[0, order])
    torch.testing.assert_close(permuted.left.effect[0], plain.left.effect[0, order])
    torch.testing.assert_close(permuted.factors.left_vectors[0], plain.factors.left_vectors[0][:, order])


class _Scaled(TanhTower):
    def _embed(self, kept):
        return 3.0 * super()._embed(kept)


def test_scaling_scores_scales_interactions_and_no_share(sampled):
    right = sampled(TanhTower(2, 4, 16), 64, 1)
    plain = _fit(sampled(TanhTower(1, 6, 16), 64, 0), right)
    scaled = _fit(sampled(_Scaled(1, 6, 16), 64, 0), right)
    torch.testing.assert_close(scaled.weights, 3 * plain.weights)
    torch.testing.assert_close(scaled.errors.standard_errors, 3 * plain.errors.standard_errors)
    torch.testing.assert_close(scaled.factors.strengths, 3 * plain.factors.strengths)
    torch.testing.assert_close(scaled.variance.r2_total, plain.variance.r2_total)
    torch.testing.assert_close(scaled.errors.max_z, plain.errors.max_z)


def test_padding_and_company_change_no_pair(sampled):
    left, right, left_index, right_index = _benchmark(sampled)
    together = fit_pairs(stack_effects(left), stack_effects(right), left_index, right_index)
    for pair, (i, j) in enumerate(zip(left_index, right_index, strict=True)):
        alone = _fit(left[i], right[j])
        for (name, many), (_, one) in zip(_tensors(together), _tensors(alone), strict=True):
            part = many[pair][tuple(slice(0, size) for size in one.shape[1:])]
            torch.testing.assert_close(part, one[0], rtol=1e-9, atol=1e-12, equal_nan=True, msg=name)


def test_the_chunk_size_changes_nothing(sampled):
    left, right, left_index, right_index = _benchmark(sampled)
    stacks = stack_effects(left), stack_effects(right)
    whole = fit_pairs(*stacks, left_index, right_index)
    for chunk_bytes in (1, 120_000):
        parts = fit_pairs(*stacks, left_index, right_index, chunk_bytes=chunk_bytes)
        for (name, one), (_, other) in zip(_tensors(whole), _tensors(parts), strict=True):
            torch.testing.assert_close(one, other, rtol=1e-12, atol=1e-14, equal_nan=True, msg=name)


def test_single_precision_stays_within_its_rounding(sampled):
    left, right = sampled(TanhTower(1, 9, 24), 128, 0), sampled(TanhTower(2, 5, 24), 64, 1)
    stacks = [stack_effects([item]) for item in (left, right)]
    double = fit_pairs(*stacks, ONE, ONE)
    single = fit_pairs(*(_single(stack) for stack in stacks), ONE, ONE)
    assert single.weights.dtype == torch.float32
    for (name, one), (_, other) in zip(_tensors(single), _tensors(double), strict=True):
        torch.testing.assert_close(
            one.double(), other.double(), rtol=1e-4, atol=1e-6, equal_nan=True, msg=name
        )


def _single(stack):
    covariances = {
        name: replace(
            getattr(stack, name),
            factors=getattr(stack, name).factors.float(),
            rest=getattr(stack, name).rest.float(),
        )
        for name in ("error", "spread")
    }
    names = ("effects", "mean", "intercept", "empty", "full", "error_scale")
    return replace(stack, **{name: getattr(stack, name).float() for name in names}, **covariances)


def test_interactions_alone_are_those_of_the_fit(sampled):
    left, right, left_index, right_index = _benchmark(sampled)
    stacks = stack_effects(left), stack_effects(right)
    weights = interactions(*stacks, left_index, right_index)
    torch.testing.assert_close(weights, fit_pairs(*stacks, left_index, right_index).weights)
    torch.testing.assert_close(weights[2, :7, :6], left[2].effects @ right[3].effects.mT)


def test_no_pairs_give_an_empty_fit(sampled):
    stack = stack_effects([sampled(TanhTower(1, 5, 12), 32, 0)])
    fit = fit_pairs(stack, stack, ONE[:0], ONE[:0])
    assert fit.weights.shape == (0, 5, 5)
    assert fit.factors.strengths.shape == (0, 5)


def _shapley(tower, n_masks, shapley_masks, seed):
    request = MaskRequest("foldover", n_masks, shapley_masks=shapley_masks)
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(seed))
    masks = torch.as_tensor(plan.masks)
    options = ShapleyOptions(plan.sets.n_banzhaf, plan.sets.p, plan.sets.enumerated)
    return fit_product_shapley(masks, tower(masks), tower.empty, tower.full, options=options)


def test_product_shapley_is_complete_and_knows_its_split_half_error():
    left, right = _shapley(AttentionTower(1, 9, 16), 64, 64, 0), _shapley(TanhTower(2, 4, 16), 64, 0, 1)
    assert left.sampled
    assert not right.sampled
    fit = _fit(left, right)
    assert fit.completeness_residual.abs().item() < 1e-12
    one, two = (half @ right.effects.mT for half in left.halves)
    expected = (one - two).norm() / (2 * (left.effects @ right.effects.mT).norm())
    torch.testing.assert_close(fit.split_half_error[0], expected)
    assert 0.001 < expected < 1
    for value in (fit.variance.r2_total, fit.variance.share_cross, fit.errors.max_z):
        assert value.isnan().all()


def test_split_half_errors_do_not_depend_on_the_company():
    half, exact = _shapley(AttentionTower(1, 9, 16), 64, 64, 0), _shapley(TanhTower(2, 4, 16), 64, 0, 1)
    mixed, alone = stack_effects([half, exact]), stack_effects([exact])
    first, second = torch.tensor([0, 1]), torch.tensor([1, 1])
    expected = torch.cat([_fit(half, exact).split_half_error, torch.zeros(1, dtype=torch.float64)])
    torch.testing.assert_close(fit_pairs(mixed, mixed, first, second).split_half_error, expected)
    assert fit_pairs(alone, alone, ONE, ONE).split_half_error.item() == 0


def test_sampled_banzhaf_has_no_split_half_error(sampled):
    stack = stack_effects([sampled(TanhTower(1, 5, 12), 32, 0)])
    assert fit_pairs(stack, stack, ONE, ONE).split_half_error.isnan().all()


def test_bad_requests_say_what_is_wrong(sampled):
    stack = stack_effects([sampled(TanhTower(1, 5, 12), 32, 0)])
    other = stack_effects([sampled(TanhTower(1, 5, 10), 32, 0)])
    with pytest.raises(InputError, match="widths 12 and 10"):
        fit_pairs(stack, other, ONE, ONE)
    with pytest.raises(InputError, match="right indices 1 to 1"):
        fit_pairs(stack, stack, ONE, ONE + 1)
    with pytest.raises(InputError, match="left indices -1"):
        fit_pairs(stack, stack, ONE - 1, ONE)
    with pytest.raises(InputError, match="chunk_bytes = 0"):
        fit_pairs(stack, stack, ONE, ONE, chunk_bytes=0)
