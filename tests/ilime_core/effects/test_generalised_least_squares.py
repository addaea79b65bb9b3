"""Generalised least squares on fold-over pairs, against its definition and over many designs."""

from itertools import product

import numpy as np
import pytest
import torch
from triple_games import TripleGame, design_signs

from ilime_core.effects import generalised_least_squares as module
from ilime_core.effects.generalised_least_squares import generalised_least_squares
from ilime_core.effects.odd_terms import odd_kernels, segment_sizes

DESIGNS = 600


def _fitted(signs, odd):
    pairs, segments = signs.shape
    halves = signs.mT @ odd / pairs
    residual_square = (odd - signs @ halves).square().sum()
    noise = (residual_square / (pairs * (pairs - segments))).expand(segments)
    return halves, noise, generalised_least_squares(signs, odd, halves, noise)


def _likelihood(signs, odd, kernel, share):
    """Restricted log-likelihood of a share, in an explicit basis of what the signs do not span."""
    pairs, segments = signs.shape
    basis = torch.linalg.qr(signs, mode="complete").Q[:, segments:]
    covariance = basis.mT @ (share * kernel + (1 - share) * torch.eye(pairs).double()) @ basis
    seen = basis.mT @ odd
    square = (seen * torch.linalg.solve(covariance, seen)).sum()
    return float(-(pairs - segments) * square.log() - torch.logdet(covariance))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_the_fit_is_generalised_least_squares_at_the_likeliest_share(seed):
    game = TripleGame(seed, segments=10, dim=5, noise=0.2, third=0.3)
    signs = design_signs(10, 64, np.random.default_rng(seed))
    odd = game(signs)
    halves, noise, fit = _fitted(signs, odd)
    third, fifth = odd_kernels(signs, segment_sizes(halves, noise))
    grid = list(product(module._FIFTH, module._SHARES))
    found = [_likelihood(signs, odd, (1 - u) * third + u * fifth, share) for u, share in grid]
    assert (float(fit.fifth), float(fit.share)) == grid[int(np.argmax(found))]
    assert float(fit.share) > 0
    kernel = (1 - fit.fifth) * third + fit.fifth * fifth
    covariance = fit.share * kernel + (1 - fit.share) * torch.eye(32).double()
    inverse = torch.linalg.inv(covariance)
    of_effects = torch.linalg.inv(signs.mT @ inverse @ signs)
    expected = of_effects @ signs.mT @ inverse @ odd
    torch.testing.assert_close(fit.halves, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(fit.scale, of_effects.diagonal(), rtol=1e-10, atol=0)
    left = odd - signs @ expected
    torch.testing.assert_close(fit.residuals.mT @ fit.residuals, left.mT @ inverse @ left / 22)


def test_without_triples_it_is_least_squares(monkeypatch):
    monkeypatch.setattr(module, "_SHARES", (0.0,))
    game = TripleGame(0, segments=10, dim=5, noise=0.2, third=0.3)
    signs = design_signs(10, 64, np.random.default_rng(0))
    halves, _, fit = _fitted(signs, game(signs))
    torch.testing.assert_close(fit.halves, halves, rtol=0, atol=1e-14)
    torch.testing.assert_close(fit.scale, torch.full((10,), 1 / 32).double())


def test_two_segments_are_fitted_by_least_squares():
    signs = design_signs(2, 32, np.random.default_rng(0))
    odd = signs @ torch.ones(2, 3).double() + torch.from_numpy(np.random.default_rng(1).normal(size=(16, 3)))
    halves, _, fit = _fitted(signs, odd)
    torch.testing.assert_close(fit.halves, halves)
    torch.testing.assert_close(fit.scale, torch.full((2,), 1 / 16).double())


def test_over_designs_it_is_unbiased_and_better_than_least_squares():
    game = TripleGame(3, segments=12, dim=4, noise=0.0, third=0.2)
    rng = np.random.default_rng(0)
    plain, refined, claimed = [], [], []
    for _ in range(DESIGNS):
        signs = design_signs(12, 128, rng)
        halves, _, fit = _fitted(signs, game(signs))
        plain.append(halves - game.singles)
        refined.append(fit.halves - game.singles)
        claimed.append(fit.scale.sum() * fit.residuals.square().sum())
    plain, refined = torch.stack(plain), torch.stack(refined)
    error = refined.square().sum(dim=(1, 2)).mean()
    assert float(error / plain.square().sum(dim=(1, 2)).mean()) < 0.75
    # Mean error against what as many unbiased ones would leave.
    assert float(refined.mean(dim=0).square().sum() / (error / DESIGNS)) < 2
    assert float(torch.stack(claimed).mean() / error) == pytest.approx(1, abs=0.15)


def test_an_item_without_residuals_keeps_its_effects():
    signs = design_signs(6, 64, np.random.default_rng(0))
    halves = torch.arange(18).double().reshape(6, 3)
    _, _, fit = _fitted(signs, signs @ halves)
    torch.testing.assert_close(fit.halves, halves, rtol=0, atol=1e-12)
