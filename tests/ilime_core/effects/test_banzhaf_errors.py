"""Standard errors and spreads against Monte Carlo and enumeration."""

import math

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import fit_banzhaf, fit_banzhaf_batch
from ilime_core.effects.covariance import quadratic_form
from ilime_core.effects.heredity import block_noise
from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.effects.least_squares import BanzhafOptions
from ilime_core.perturbation.enumerate_all import enumerate_all, product_law
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.synthetic.planted import TanhTower

SEGMENTS, DIM, DESIGNS = 12, 24, 300
TOWER = TanhTower(0, SEGMENTS, DIM)


def truth(p=0.5):
    masks = torch.from_numpy(enumerate_all(SEGMENTS))
    options = BanzhafOptions(p=p, enumerated=True)
    return fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full, options=options)


def fitted(draw, p=0.5):
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([draw(rng) for _ in range(DESIGNS)]))
    embeddings = TOWER(masks.reshape(-1, SEGMENTS)).reshape(DESIGNS, -1, DIM)
    ends = [end.expand(DESIGNS, DIM) for end in (TOWER.empty, TOWER.full)]
    return masks, embeddings, fit_banzhaf_batch(masks, embeddings, *ends, options=BanzhafOptions(p=p))


def squared_errors(effects, partners):
    """SE^2 of every <effect, partner>: segments x partners."""
    return effects.error_scale[:, None] * quadratic_form(effects.error, partners)


def calibration(results, expected):
    """Ratio of claimed to true error, and coverage of 95 % intervals, of interactions with fixed partners."""
    partners = torch.randn(6, DIM, generator=torch.Generator().manual_seed(1), dtype=torch.float64)
    claimed = torch.stack([squared_errors(one, partners) for one in results])
    deviations = torch.stack([(one.effects - expected) @ partners.T for one in results])
    ratio = (claimed.mean(0) / deviations.square().mean(0)).mean().sqrt()
    return float(ratio), float((deviations.abs() < 1.96 * claimed.sqrt()).double().mean())


def test_errors_on_whole_blocks_match_monte_carlo_and_would_not_without_clustering():
    masks, embeddings, results = fitted(lambda rng: foldover(SEGMENTS, 256, rng))
    expected = truth().effects
    ratio, coverage = calibration(results, expected)
    assert 0.85 < ratio < 1.15
    assert 0.92 < coverage < 0.97
    # The formula of independent rows counts the even part of the residuals, which is no noise of the effects.
    turned = [(mask.roll(1, 0), rows.roll(1, 0)) for mask, rows in zip(masks[:50], embeddings, strict=False)]
    unclustered = [fit_banzhaf(mask, rows, TOWER.empty, TOWER.full) for mask, rows in turned]
    assert calibration(unclustered, expected)[0] > 1.15


@pytest.mark.parametrize("p", [0.5, 0.75])
def test_errors_of_independent_rows_match_monte_carlo(p):
    _, _, results = fitted(lambda rng: bernoulli_masks(SEGMENTS, 256, p, rng), p)
    ratio, coverage = calibration(results, truth(p).effects)
    assert 0.85 < ratio < 1.15
    assert 0.92 < coverage < 0.97


def test_an_enumerated_item_has_no_error():
    assert (truth().error_scale == 0).all()
    assert (truth().error.factors == 0).all()
    assert not truth().sampled


@pytest.mark.parametrize(("n_masks", "known"), [(32, False), (64, True)])
def test_errors_need_eight_degrees_of_freedom(n_masks, known):
    masks = torch.from_numpy(foldover(SEGMENTS, n_masks, np.random.default_rng(0)))
    one = fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full)
    assert (one.error is not None) == known
    independent = torch.from_numpy(bernoulli_masks(SEGMENTS, 20 + known, 0.5, np.random.default_rng(0)))
    assert (fit_banzhaf(independent, TOWER(independent), TOWER.empty, TOWER.full).error is not None) == known


def test_a_ridge_shrinks_errors_with_the_effects():
    masks = torch.from_numpy(foldover(SEGMENTS, 64, np.random.default_rng(0)))
    plain, shrunk = (
        fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full, options=BanzhafOptions(ridge=ridge))
        for ridge in (0.0, 0.25)
    )
    torch.testing.assert_close(shrunk.effects, plain.effects / 2)
    torch.testing.assert_close(shrunk.error_scale, plain.error_scale / 4)


def test_kernel_weights_move_effects_and_leave_errors_and_spread_unknown():
    masks = torch.from_numpy(foldover(SEGMENTS, 64, np.random.default_rng(0)))
    plain = fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full)
    weights = product_kernel_weights(masks, 0.3)
    weighted = fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full, weights=weights)
    assert weighted.error is None
    assert weighted.spread is None
    assert (weighted.effects - plain.effects).abs().max() > 1e-3
    torch.testing.assert_close(weighted.mean, (weights / weights.sum()) @ TOWER(masks))


@pytest.mark.parametrize("p", [0.5, 0.75])
def test_the_spread_of_an_enumerated_item_is_the_covariance_of_its_law(p):
    masks = enumerate_all(SEGMENTS)
    expected = np.cov(TOWER(masks).numpy().T, aweights=product_law(masks, p), ddof=0)
    options = BanzhafOptions(p=p, enumerated=True, spread_rank=DIM)
    kept = torch.from_numpy(masks)
    spread = fit_banzhaf(kept, TOWER(kept), TOWER.empty, TOWER.full, options=options).spread
    torch.testing.assert_close(spread.factors.T @ spread.factors, torch.from_numpy(expected))


def test_spreads_of_sampled_items_are_unbiased():
    expected = float(truth().spread.factors.square().sum() + truth().spread.rest * (DIM - 32) * (DIM > 32))
    for draw in (
        lambda rng: foldover(SEGMENTS, 64, rng),
        lambda rng: bernoulli_masks(SEGMENTS, 64, 0.5, rng),
    ):
        _, _, results = fitted(draw)
        traces = torch.stack([one.spread.factors.square().sum() for one in results])
        assert abs(float(traces.mean()) - expected) < 4 * float(traces.std()) / math.sqrt(DESIGNS)
        assert float(traces.std()) / math.sqrt(DESIGNS) < 0.01 * expected


def test_ranks_of_the_kept_covariances_are_the_ones_asked_for():
    masks = torch.from_numpy(foldover(SEGMENTS, 64, np.random.default_rng(0)))
    options = BanzhafOptions(error_rank=3, spread_rank=5)
    one = fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full, options=options)
    assert one.error.factors.shape == (3, DIM)
    assert one.spread.factors.shape == (5, DIM)
    whole = fit_banzhaf(masks, TOWER(masks), TOWER.empty, TOWER.full)
    trace = one.error.factors.square().sum() + one.error.rest * (DIM - 3)
    torch.testing.assert_close(trace, whole.error.factors.square().sum() + whole.error.rest * (DIM - 16))


def dense(covariance):
    """Of fewer dimensions than factors, so that nothing is left beside them."""
    assert covariance.rest == 0
    return covariance.factors.mT @ covariance.factors


def test_of_blocks_halves_of_complement_pairs_divide_by_the_degrees_that_they_have():
    tower = TanhTower(1, 9, 5)
    masks = torch.from_numpy(foldover(9, 64, np.random.default_rng(2)))
    seen = tower(masks)
    fit = fit_banzhaf(masks, seen, tower.empty, tower.full)
    first, second = seen.reshape(2, 2, 16, 5).unbind(dim=1)
    odd, even = ((first - second) / 2).reshape(32, 5), ((first + second) / 2).reshape(32, 5)
    signs = (2.0 * masks.double() - 1).reshape(2, 2, 16, 9)[:, 0].reshape(32, 9)
    rest = odd - signs @ torch.linalg.lstsq(signs, odd).solution
    # 32 pairs less 9 effects for the odd half, less the mean for the even one; none for raw odd halves.
    torch.testing.assert_close(dense(fit.error), 2 * rest.mT @ rest / (32 - 9))
    noise = block_noise(signs[None], fit.effects[None] / 2, rest[None], 16)
    torch.testing.assert_close(fit.error_scale, 4 / 64 * noise.scales[0])
    away = even - even.mean(dim=0)
    torch.testing.assert_close(dense(fit.spread), odd.mT @ odd / 32 + away.mT @ away / 31)


def test_of_independent_rows_the_spread_is_the_sample_covariance():
    tower = TanhTower(1, 9, 5)
    masks = torch.from_numpy(bernoulli_masks(9, 40, 0.7, np.random.default_rng(2)))
    fit = fit_banzhaf(masks, tower(masks), tower.empty, tower.full, options=BanzhafOptions(p=0.7))
    torch.testing.assert_close(dense(fit.spread), torch.cov(tower(masks).mT))
