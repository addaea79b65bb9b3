"""Hadamard blocks of few segments may hold few sizes; the values are identified all the same."""

import numpy as np
import pytest
import torch

from ilime_core.effects.product_shapley import ShapleyOptions, fit_product_shapley
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.synthetic.planted import TanhTower


def sizes_inside(masks):
    sizes = masks.sum(axis=1)
    return set(sizes[(sizes > 0) & (sizes < masks.shape[1])].tolist())


def generator(seed, purpose):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(30))
def test_eight_segments_are_identified_by_any_draw(seed):
    plan = draw_masks(
        8,
        request=MaskRequest("foldover", 64, 0.5, 32),
        rng_of=lambda _, seed=seed: np.random.default_rng(seed),
    )
    tower = TanhTower(3, 8, 6)
    masks = torch.from_numpy(plan.masks)
    fitted = fit_product_shapley(
        masks, tower(masks), tower.empty, tower.full, options=ShapleyOptions(n_banzhaf=plan.sets.n_banzhaf)
    )
    every = torch.from_numpy(enumerate_all(8))
    exact = fit_product_shapley(
        every, tower(every), tower.empty, tower.full, options=ShapleyOptions(n_banzhaf=256, enumerated=True)
    )
    error = (fitted.effects - exact.effects).norm() / exact.effects.norm()
    assert error < 0.2
    torch.testing.assert_close(fitted.effects.sum(dim=0), tower.full - tower.empty)


def test_the_draws_above_include_one_of_too_few_sizes_for_every_size_term():
    few = [
        seed
        for seed in range(30)
        if len(
            sizes_inside(
                draw_masks(
                    8,
                    request=MaskRequest("foldover", 64, 0.5, 32),
                    rng_of=lambda _, seed=seed: np.random.default_rng(seed),
                ).masks
            )
        )
        < 6
    ]
    assert few
