from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.interactions.fidelity import held_out_r2, held_out_r2_pairs, stack_held_out
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.records import HeldOut
from ilime_core.synthetic.planted import AdditiveTower, AttentionTower, TanhTower


def _fresh(tower, n_masks, seed):
    masks = torch.as_tensor(foldover(tower.n_segments, n_masks, np.random.default_rng(seed)))
    return HeldOut(masks, tower(masks))


def _by_brute_force(left, right, weights):
    scores = left.embeddings @ right.embeddings.mT
    cross = scores - scores.mean(1, keepdim=True) - scores.mean(0) + scores.mean()
    x, y = left.masks.double(), right.masks.double()
    fitted = (x - x.mean(0)) @ weights @ (y - y.mean(0)).mT
    return 1 - (cross - fitted).square().sum() / cross.square().sum()


@pytest.fixture
def items(sampled):
    towers = [AttentionTower(1, 7, 20), TanhTower(2, 5, 20), TanhTower(3, 9, 20)]
    effects = [sampled(tower, 64, seed) for seed, tower in enumerate(towers)]
    # Fewer and more rows than dimensions.
    held = [_fresh(towers[0], 64, 10), _fresh(towers[1], 16, 11), _fresh(towers[2], 32, 12)]
    return effects, held


def test_r2_from_small_matrices_equals_brute_force_on_the_grid(items):
    effects, held = items
    for i, j in ((0, 1), (1, 2), (2, 0)):
        r2 = held_out_r2(held[i], held[j], effects[i], effects[j])
        expected = _by_brute_force(held[i], held[j], effects[i].effects @ effects[j].effects.mT)
        assert r2 == pytest.approx(expected.item(), abs=1e-12)
        assert 0 < r2 < 0.999


def test_rows_that_keep_most_segments_are_centred_on_their_own_mean(items):
    """Independent rows at p = .8: neither 1/2 nor .8 is the mean of a column."""
    effects, held = items
    tower = AttentionTower(1, 7, 20)
    masks = torch.as_tensor(bernoulli_masks(7, 50, 0.8, np.random.default_rng(0)))
    fresh = HeldOut(masks, tower(masks))
    for pair, order in (((fresh, held[1]), (0, 1)), ((held[1], fresh), (1, 0))):
        left, right = (effects[place] for place in order)
        expected = _by_brute_force(*pair, left.effects @ right.effects.mT)
        assert held_out_r2(*pair, left, right) == pytest.approx(expected.item(), abs=1e-12)


def test_pairs_share_the_statistics_of_items(items):
    effects, held = items
    stack = stack_held_out(held, stack_effects(effects))
    left, right = torch.tensor([0, 1, 2, 0]), torch.tensor([1, 2, 0, 2])
    singly = [held_out_r2(held[i], held[j], effects[i], effects[j]) for i, j in zip(left, right, strict=True)]
    for step in (64, 3, 1):
        batched = held_out_r2_pairs(stack, stack, left, right, pairs_per_chunk=step)
        torch.testing.assert_close(batched, torch.tensor(singly, dtype=torch.float64), rtol=1e-10, atol=0)


def test_items_without_fresh_masks_leave_their_pairs_unknown(items):
    effects, held = items
    stack = stack_held_out([held[0], None, held[2]], stack_effects(effects))
    r2 = held_out_r2_pairs(stack, stack, torch.tensor([0, 0, 2]), torch.tensor([1, 2, 1]))
    assert r2.isnan().tolist() == [True, False, True]


def test_embeddings_that_do_not_vary_leave_r2_unknown(items):
    effects, held = items
    still = HeldOut(held[0].masks, held[0].embeddings[:1].expand(len(held[0].masks), -1))
    assert np.isnan(held_out_r2(still, held[1], effects[0], effects[1]))


def test_additive_items_are_explained_and_wrong_effects_are_not(enumerated):
    generator = torch.Generator().manual_seed(0)
    towers = [AdditiveTower(torch.randn(4, 6, generator=generator), torch.zeros(6)) for _ in range(2)]
    effects = [enumerated(tower) for tower in towers]
    held = [HeldOut(torch.as_tensor(enumerate_all(4)), tower(enumerate_all(4))) for tower in towers]
    assert held_out_r2(*held, *effects) == pytest.approx(1, abs=1e-12)
    assert held_out_r2(*held, effects[0], effects[0]) < 0.5


def test_masks_of_another_item_are_refused(items):
    effects, held = items
    with pytest.raises(InputError, match="5 segments, 7 have effects"):
        stack_held_out([held[1]], stack_effects(effects[:1]))
    with pytest.raises(InputError, match="1 held-out sets and 3 effects"):
        stack_held_out(held[:1], stack_effects(effects))


def test_stacked_effects_without_fresh_masks_on_one_side_leave_r2_unknown(items):
    effects, held = items
    # Two nodes side by side are twice as wide as the embeddings of the other side's fresh masks.
    vectors = ("effects", "mean", "intercept", "empty", "full")
    wide = [
        replace(
            item, error=None, spread=None, **{one: torch.cat([getattr(item, one)] * 2, -1) for one in vectors}
        )
        for item in effects[:2]
    ]
    bare, known = (
        stack_held_out(own, stack_effects([one])) for own, one in zip(([None], [held[1]]), wide, strict=True)
    )
    only = torch.tensor([0])
    assert held_out_r2_pairs(bare, known, only, only).isnan().tolist() == [True]
    assert held_out_r2_pairs(known, bare, only, only).isnan().tolist() == [True]
