"""Effects of towers whose every coalition can be encoded."""

from collections.abc import Callable

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.registry import Refinement
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.records import Effects
from ilime_core.synthetic.planted import PlantedTower


@pytest.fixture
def enumerated() -> Callable[..., Effects]:
    """Exact effects of a tower, with a spread of full rank."""

    def fit(tower: PlantedTower, p: float = 0.5) -> Effects:
        masks = torch.as_tensor(enumerate_all(tower.n_segments))
        options = BanzhafOptions(p=p, enumerated=True, spread_rank=tower.dim)
        return fit_banzhaf(masks, tower(masks), tower.empty, tower.full, options=options)

    return fit


@pytest.fixture
def sampled() -> Callable[..., Effects]:
    """Effects of a tower from fold-over masks."""

    def fit(
        tower: PlantedTower, n_masks: int, seed: int, spread_rank: int = 32, refine: Refinement = "none"
    ) -> Effects:
        masks = torch.as_tensor(foldover(tower.n_segments, n_masks, np.random.default_rng(seed)))
        options = BanzhafOptions(spread_rank=spread_rank, refine=refine)
        return fit_banzhaf(masks, tower(masks), tower.empty, tower.full, options=options)

    return fit
