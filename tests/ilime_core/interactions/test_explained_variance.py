from dataclasses import replace

import pytest
import torch
from every import every

from ilime_core.effects.covariance import quadratic_form, trace_product
from ilime_core.errors import InputError
from ilime_core.interactions.explained_variance import explained_parts
from ilime_core.interactions.main_effects import MainEffects
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all, product_law
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, TanhTower

ONE = torch.zeros(1, dtype=torch.long)
EVERY = torch.ones(1, dtype=torch.bool)
NAMES = ("r2_total", "r2_linear", "r2_cross", "r2_cross_ceiling", "share_left", "share_right", "share_cross")


def _grid(tower, p):
    masks = enumerate_all(tower.n_segments)
    law = torch.as_tensor(product_law(masks, p)).double()
    return torch.as_tensor(masks).double(), tower(masks), law / law.sum()


def _by_brute_force(towers, ps, fit):
    """R2 of a fit's surrogates over all cells of the grid under the product law."""
    (x, g, left_law), (y, h, right_law) = (_grid(tower, p) for tower, p in zip(towers, ps, strict=True))
    law = left_law[:, None] * right_law
    scores = g @ h.mT
    rows, columns = scores @ right_law, left_law @ scores
    mean = left_law @ rows
    cross = scores - rows[:, None] - columns + mean
    x, y = x - left_law @ x, y - right_law @ y
    left, right = x @ fit.left.effect[0], y @ fit.right.effect[0]
    fitted = x @ fit.weights[0] @ y.mT

    def variance(of):
        return (law * of.square()).sum()

    total = variance(scores - mean)
    linear = left[:, None] + right
    return {
        "r2_total": 1 - variance(scores - mean - linear - fitted) / total,
        "r2_linear": 1 - variance(scores - mean - linear) / total,
        "r2_cross": 1 - variance(cross - fitted) / variance(cross),
        "share_left": (left_law * (rows - mean).square()).sum() / total,
        "share_right": (right_law * (columns - mean).square()).sum() / total,
        "share_cross": variance(cross) / total,
    }


@pytest.mark.parametrize("ps", [(0.5, 0.5), (0.3, 0.3), (0.8, 0.5)])
def test_shares_of_enumerated_items_equal_brute_force(enumerated, ps):
    towers = AttentionTower(1, 6, 10), TanhTower(2, 5, 10)
    stacks = [stack_effects([enumerated(t, p)], p=p) for t, p in zip(towers, ps, strict=True)]
    fit = fit_pairs(*stacks, ONE, ONE)
    for name, value in _by_brute_force(towers, ps, fit).items():
        torch.testing.assert_close(getattr(fit.variance, name)[0], value, rtol=0, atol=1e-10, msg=name)
    torch.testing.assert_close(fit.variance.r2_cross, fit.variance.r2_cross_ceiling)


def test_the_closed_forms_of_sampled_items_are_right_in_the_mean(sampled, enumerated):
    towers = AttentionTower(3, 10, 48), TanhTower(4, 6, 48)
    best = fit_pairs(*(stack_effects([enumerated(t)]) for t in towers), ONE, ONE)
    ceiling = _by_brute_force(towers, (0.5, 0.5), best)["r2_cross"]
    said, true = {name: [] for name in NAMES}, {name: [] for name in NAMES}
    for seed in range(40):
        items = (
            sampled(towers[0], 64, seed, spread_rank=32),
            sampled(towers[1], 32, 1000 + seed, spread_rank=32),
        )
        fit = fit_pairs(*(stack_effects([item]) for item in items), ONE, ONE)
        truth = _by_brute_force(towers, (0.5, 0.5), fit) | {"r2_cross_ceiling": ceiling}
        for name in NAMES:
            said[name].append(getattr(fit.variance, name).item())
            true[name].append(float(truth[name]))
    for name in NAMES:
        bias = sum(said[name]) / 40 - sum(true[name]) / 40
        assert abs(bias) < 0.02, (name, bias)
    # The cost of the noise of W is the distance to the best bilinear form.
    cost, truly = (sum(of["r2_cross_ceiling"]) - sum(of["r2_cross"]) for of in (said, true))
    assert truly / 40 > 0.01
    assert 0.7 < cost / truly < 1.4


@pytest.mark.parametrize("refine", ["gls", "posterior"])
@pytest.mark.parametrize("n_masks", [(64, 32), (128, 64)])
def test_the_closed_forms_of_refined_effects_are_right_in_the_mean(sampled, enumerated, refine, n_masks):
    towers = AttentionTower(3, 12, 48), AttentionTower(4, 7, 48)
    posterior = refine == "posterior"
    best = fit_pairs(*(stack_effects([enumerated(t)]) for t in towers), ONE, ONE)
    names = ("r2_cross", "r2_cross_ceiling", "r2_linear")
    ceiling = _by_brute_force(towers, (0.5, 0.5), best)["r2_cross"]
    gaps = {name: [] for name in names}
    plain, refined = [], []
    for seed in range(40):
        items = [
            sampled(tower, count, seed + 1000 * side, spread_rank=48, refine=refine)
            for side, (tower, count) in enumerate(zip(towers, n_masks, strict=True))
        ]
        fit = fit_pairs(*(stack_effects([item], posterior=posterior) for item in items), ONE, ONE)
        truth = _by_brute_force(towers, (0.5, 0.5), fit) | {"r2_cross_ceiling": ceiling}
        for name in names:
            gaps[name].append(getattr(fit.variance, name).item() - float(truth[name]))
        refined.append(float(truth["r2_cross"]))
        unrefined = [
            sampled(tower, count, seed + 1000 * side)
            for side, (tower, count) in enumerate(zip(towers, n_masks, strict=True))
        ]
        plain_fit = fit_pairs(*(stack_effects([item]) for item in unrefined), ONE, ONE)
        plain.append(float(_by_brute_force(towers, (0.5, 0.5), plain_fit)["r2_cross"]))
    for name in names:
        assert abs(sum(gaps[name]) / 40) < 0.02, (name, sum(gaps[name]) / 40)
    # Less error explains more of the truth.
    assert sum(refined) > sum(plain)


def test_posterior_means_explain_their_square(sampled):
    items = [sampled(AttentionTower(3, 9, 24), 64, 0), sampled(TanhTower(4, 6, 24), 32, 1)]
    plain, means = (
        fit_pairs(*(stack_effects([item], posterior=posterior) for item in items), ONE, ONE)
        for posterior in (False, True)
    )
    # The errors of a square are counted twice in r2_cross and once in its ceiling.
    cross = 2 * plain.variance.r2_cross_ceiling - plain.variance.r2_cross
    torch.testing.assert_close(means.variance.r2_cross, cross)
    assert (means.variance.r2_cross_ceiling > means.variance.r2_cross).all()
    assert (means.errors.standard_errors > plain.errors.standard_errors).any()


def test_posterior_means_of_one_side_only_are_refused(sampled):
    items = [sampled(TanhTower(seed, 6, 24), 64, seed) for seed in (0, 1)]
    with pytest.raises(InputError, match="posterior means of one side only"):
        fit_pairs(stack_effects(items[:1], posterior=True), stack_effects(items[1:]), ONE, ONE)


def test_spreads_of_low_rank_enter_with_their_tails(sampled):
    x, y = sampled(TanhTower(1, 8, 12), 128, 0, 2), sampled(AttentionTower(2, 6, 12), 64, 1, 3)
    variance = fit_pairs(stack_effects([x]), stack_effects([y]), ONE, ONE).variance
    left = quadratic_form(x.spread, y.mean[None])
    right = quadratic_form(y.spread, x.mean[None])
    cross = trace_product(x.spread, y.spread)[None]
    total = left + right + cross
    torch.testing.assert_close(variance.share_left, left / total)
    torch.testing.assert_close(variance.share_right, right / total)
    torch.testing.assert_close(variance.share_cross, cross / total)


@pytest.mark.parametrize("unknown", [0, 1])
def test_an_unknown_spread_leaves_every_share_unknown(sampled, unknown):
    items = [sampled(TanhTower(1, 6, 10), 64, 0), sampled(TanhTower(2, 5, 10), 64, 1)]
    items[unknown] = replace(items[unknown], spread=None)
    fit = fit_pairs(*(stack_effects([item]) for item in items), ONE, ONE)
    assert every(getattr(fit.variance, name).isnan().all() for name in NAMES)


def test_errors_of_main_effects_are_taken_off_twice():
    zero = torch.zeros(1, 2)
    effect, error = torch.tensor([[3.0, 1.0]]), torch.tensor([[1.0, 0.5]])
    effects = MainEffects(effect, zero, zero, zero, zero, error, zero, zero)
    parts = explained_parts(
        (effects, effects),
        torch.full((1, 2, 2), 3.0),
        torch.tensor([5.0]),
        (0.25, 0.2),
        cross_is_unbiased=EVERY,
    )
    # (9 - 2) + (1 - 0.5), times the variance of one entry.
    assert parts.left.item() == pytest.approx(7.5 * 0.25)
    assert parts.right.item() == pytest.approx(7.5 * 0.2)
    assert parts.cross.item() == pytest.approx((36 - 10) * 0.05)
    assert parts.ceiling.item() == pytest.approx((36 - 5) * 0.05)


def test_additive_towers_are_explained_wholly(enumerated):
    generator = torch.Generator().manual_seed(0)
    towers = [
        AdditiveTower(torch.randn(n, 6, generator=generator), torch.randn(6, generator=generator))
        for n in (4, 3)
    ]
    fit = fit_pairs(*(stack_effects([enumerated(t)]) for t in towers), ONE, ONE)
    assert fit.variance.r2_total.item() == pytest.approx(1)
    assert fit.variance.r2_cross.item() == pytest.approx(1)
    assert fit.variance.r2_linear.item() == pytest.approx(1 - fit.variance.share_cross.item())
    assert fit.variance.share_cross.item() > 0.01


def test_without_a_product_law_only_shares_are_known(sampled):
    items = sampled(TanhTower(1, 6, 10), 64, 0), sampled(TanhTower(2, 5, 10), 64, 1)
    fit = fit_pairs(stack_effects([items[0]], p=None), stack_effects([items[1]]), ONE, ONE)
    assert fit.variance.share_left.isfinite().all()
    for name in NAMES[:4]:
        assert getattr(fit.variance, name).isnan().all()


@pytest.mark.parametrize(("p", "is_known"), [(0.5, True), (0.3, False)])
def test_of_masks_that_were_drawn_the_cross_part_is_known_at_one_half_only(sampled, enumerated, p, is_known):
    drawn = stack_effects([sampled(TanhTower(1, 6, 10), 64, 0)], p=p)
    exact = stack_effects([enumerated(TanhTower(2, 5, 10), p)], p=p)
    for left, right in ((drawn, exact), (exact, drawn), (drawn, drawn)):
        variance = fit_pairs(left, right, ONE, ONE).variance
        for name in NAMES:
            known = is_known or name not in {"r2_total", "r2_cross", "r2_cross_ceiling"}
            assert bool(getattr(variance, name).isfinite().all()) == known, name
    assert bool(fit_pairs(exact, exact, ONE, ONE).variance.r2_cross.isfinite().all())


def test_constant_items_have_no_shares(enumerated):
    # Effects as small as rounding, around a mean that is not.
    noise = 1e-16 * torch.randn(3, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    still = AdditiveTower(noise, torch.tensor([0.1, 0.7, 0.3, 0.2]))
    fit = fit_pairs(*(stack_effects([enumerated(still)]) for _ in range(2)), ONE, ONE)
    assert every(getattr(fit.variance, name).isnan().all() for name in NAMES)
