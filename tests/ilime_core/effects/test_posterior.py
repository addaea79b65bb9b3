"""Posterior means of effects, on toys whose posterior is known."""

import numpy as np
import pytest
import torch

from ilime_core.effects.posterior import effective_dimension, posterior_effects


def _toy(sizes, dim=8, rows=400, seed=0, scale=None):
    """Effects of given squared sizes in units of their errors, estimates of them, and residuals."""
    rng = np.random.default_rng(seed)
    scale = np.ones(len(sizes)) if scale is None else scale
    # A covariance that is not a multiple of the identity.
    root = np.diag(np.linspace(1.0, 0.3, dim))
    truth = np.sqrt(sizes)[:, None] * rng.normal(size=(len(sizes), dim)) @ root
    found = truth + np.sqrt(scale)[:, None] * rng.normal(size=truth.shape) @ root
    residuals = rng.normal(size=(rows, dim)) @ root / np.sqrt(rows)
    return [torch.from_numpy(one) for one in (truth, found, scale, residuals)]


@pytest.mark.parametrize("size", [1 / 4, 4.0, 64.0])
def test_effects_of_one_size_keep_what_the_gaussian_posterior_keeps(size):
    scale = np.linspace(0.5, 1.5, 600)
    truth, found, scales, residuals = _toy(np.full(600, size), scale=scale)
    posterior = posterior_effects(found, scales, residuals, 400)
    exact = torch.from_numpy(size / (size + scale))
    error = (posterior.gains[:, None] * found - truth).square().sum()
    best = (exact[:, None] * found - truth).square().sum()
    assert float(error / best) == pytest.approx(1, abs=0.04)
    torch.testing.assert_close(posterior.scale.mean(), (exact * scales).mean(), rtol=0.15, atol=0)


def test_one_effect_is_shrunk_by_hand():
    _, _, _, residuals = _toy(np.ones(1))
    dimension, trace = effective_dimension(residuals, 400)
    effects = torch.zeros(1, 8, dtype=torch.float64)
    effects[0, 0] = (5 * trace).sqrt()
    posterior = posterior_effects(effects, torch.ones(1).double(), residuals, 400)
    # Probabilities of the 15 sizes that maximise the likelihood of one square, with .02 segments each.
    sizes = 4.0 ** np.arange(-2, 13)
    fit = -0.5 * float(dimension) * (np.log1p(sizes) + 5 / (1 + sizes))
    chances = np.full(15, 1 / 15)
    for _ in range(100):
        given = np.exp(fit - fit.max()) * chances
        given /= given.sum()
        chances = (given + 0.02) / 1.3
    gain = (given * sizes / (1 + sizes)).sum()
    between = (given * (sizes / (1 + sizes) - gain) ** 2).sum() * 5
    assert posterior.gains.item() == pytest.approx(gain)
    assert posterior.scale.item() == pytest.approx(gain + between)


def test_small_effects_go_and_large_ones_stay_and_intervals_cover():
    covered, gains = [], []
    for seed in range(40):
        sizes = np.repeat([0.0, 0.3, 30.0, 1e4], [14, 6, 5, 5])
        truth, found, scale, residuals = _toy(sizes, seed=seed, rows=60)
        posterior = posterior_effects(found, scale, residuals, 60)
        means = posterior.gains[:, None] * found
        errors = (posterior.scale[:, None] * residuals.square().sum(dim=0)).sqrt()
        covered.append(((means - truth).abs() < 1.96 * errors).double().mean())
        gains.append(posterior.gains)
    by_size = torch.stack(gains).mean(dim=0)
    assert by_size[:14].mean() < 0.25
    assert by_size[20:25].mean() > 0.9
    assert by_size[25:].min() > 0.99
    assert 0.92 < float(torch.stack(covered).mean()) < 0.97


def test_an_estimate_without_residuals_is_kept():
    effects = torch.arange(1.0, 7.0).double().reshape(3, 2)
    posterior = posterior_effects(effects, torch.ones(3).double(), torch.zeros(9, 2).double(), 9)
    torch.testing.assert_close(posterior.gains, torch.ones(3).double(), rtol=0, atol=1e-6)


@pytest.mark.parametrize(("dim", "freedom"), [(6, 40), (60, 40)])
def test_the_effective_dimension_of_equal_variances_is_their_number(dim, freedom):
    rng = np.random.default_rng(0)
    found = [
        effective_dimension(torch.from_numpy(rng.normal(size=(freedom, dim)) / freedom**0.5), freedom)
        for _ in range(50)
    ]
    assert float(torch.stack([one for one, _ in found]).mean()) == pytest.approx(dim, rel=0.06)
    assert float(torch.stack([trace for _, trace in found]).mean()) == pytest.approx(dim, rel=0.05)


def test_residuals_along_one_direction_have_one_dimension():
    along = np.random.default_rng(0).normal(size=(500, 1)) / 500**0.5
    rows = torch.from_numpy(along * np.array([[1.0, 2.0]]))
    assert float(effective_dimension(rows, 500)[0]) == pytest.approx(1, abs=0.01)
