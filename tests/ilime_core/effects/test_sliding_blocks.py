"""Occlusion by segments and by sliding blocks: values on planted towers.

Proves ilime_core.effects.occlusion and ilime_core.effects.exact_effects.
"""

import numpy as np
import pytest
import torch

from ilime_core.effects.occlusion import LeaveOneOutRows
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.windows import WindowRows
from ilime_core.records import MaskedEmbeddings
from ilime_core.synthetic.planted import TanhTower


def item_of(tower, block, n_masks=4):
    further = {"windows": WindowRows(block), "leave_one_out": LeaveOneOutRows()}
    request = MaskRequest("foldover", n_masks, further=further)
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(0))
    rows = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, plan.sets)


def effects(name, item):
    return ESTIMATORS[name].make([item], FitOptions())[0]


@pytest.mark.parametrize("n_masks", [4, 64])
def test_windows_of_one_segment_are_occlusion_to_the_bit(n_masks):
    item = item_of(TanhTower(0, 6, 5), 1, n_masks)
    assert item.sets.enumerated == (n_masks == 64)
    one, other = effects("sliding_block_occlusion", item), effects("occlusion", item)
    assert torch.equal(one.effects, other.effects)
    assert torch.equal(one.intercept, other.intercept)
    # The other item's segments meet the whole item.
    assert torch.equal(one.mean, item.full)
    assert torch.equal(other.mean, item.full)


@pytest.mark.parametrize("n_masks", [4, 64])
@pytest.mark.parametrize("block", [2, 3, 9])
def test_a_segment_gets_the_mean_of_its_windows_shares(block, n_masks):
    tower = TanhTower(1, 6, 5)
    found = effects("sliding_block_occlusion", item_of(tower, block, n_masks))
    expected = []
    for segment in range(6):
        shares = []
        for centre in range(6):
            window = sorted(range(6), key=lambda other: (abs(other - centre), other))[:block]
            if segment in window:
                kept = torch.tensor([[place not in window for place in range(6)]])
                shares.append((tower.full - tower(kept)[0]) / len(window))
        expected.append(torch.stack(shares).mean(dim=0))
    torch.testing.assert_close(found.effects, torch.stack(expected))
    assert not found.sampled
    assert torch.equal(found.mean, tower.full)
