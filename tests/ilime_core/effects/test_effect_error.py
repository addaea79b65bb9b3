"""The error of an item's effects as one number, by brute force and in closed form."""

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.effect_error import effect_error
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover


def fitted(masks, values, **options):
    ends = torch.zeros(values.shape[1], dtype=torch.float64)
    return fit_banzhaf(torch.from_numpy(masks), values, ends, ends, options=BanzhafOptions(**options))


def linear(masks, seed=0, dim=24):
    rng = np.random.default_rng(seed)
    return torch.from_numpy(masks @ rng.standard_normal((masks.shape[1], dim)))


def test_an_additive_item_has_no_error():
    masks = foldover(12, 64, np.random.default_rng(0))
    assert effect_error(fitted(masks, linear(masks))) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("dim", [3, 24])  # all in the kept factors, and most in the rest
def test_noise_gives_its_own_standard_error(dim):
    """Independent noise of variance s^2: tr V_i is 4 s^2 dim / N, and what is added for triples."""
    rng, squares = np.random.default_rng(1), []
    for seed in range(40):
        masks = foldover(12, 256, np.random.default_rng(seed))
        noise = torch.from_numpy(0.1 * rng.standard_normal((256, dim)))
        squares.append(effect_error(fitted(masks, linear(masks, seed, dim) + noise)) ** 2)
    for_triples = (128 - 12) / (8 * (16 - 3) - (12 - 3))
    expected = np.sqrt(for_triples * 4 * 0.01 * dim / 256)
    assert np.sqrt(np.mean(squares)) == pytest.approx(expected, rel=0.02)


def test_it_is_the_root_mean_square_of_what_repeated_designs_do():
    """Triples of segments are what fold-over designs take for noise."""
    rng = np.random.default_rng(2)
    triples = [rng.choice(14, 3, replace=False) for _ in range(25)]
    weights = rng.standard_normal((25, 6))

    def values(masks):
        signs = 2.0 * masks - 1.0
        return linear(masks, dim=6) + torch.from_numpy(
            np.stack([signs[:, one].prod(axis=1) for one in triples], axis=1) @ weights
        )

    found = []
    for seed in range(60):
        masks = foldover(14, 128, np.random.default_rng(seed))
        found.append(fitted(masks, values(masks)))
    spread = torch.stack([one.effects for one in found]).var(dim=0).sum(dim=1).mean().sqrt()
    said = np.sqrt(np.mean([effect_error(one) ** 2 for one in found]))
    assert said == pytest.approx(float(spread), rel=0.1)


def test_too_few_masks_have_an_unknown_error_and_an_enumeration_none():
    masks = foldover(12, 32, np.random.default_rng(0))
    assert effect_error(fitted(masks, linear(masks))) == np.inf
    every = enumerate_all(4)
    assert effect_error(fitted(every, linear(every) ** 2, enumerated=True)) == 0.0
