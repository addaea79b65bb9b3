"""Noise of effects under whole blocks, on games whose terms of three segments are planted."""

from itertools import combinations

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import fit_banzhaf_batch
from ilime_core.effects.heredity import block_noise, own_shares, spread_factor
from ilime_core.perturbation.foldover import block_order, foldover
from ilime_core.synthetic.null_towers import HammingTower
from ilime_core.synthetic.planted import AttentionTower


def _triples(segments):
    return torch.tensor(list(combinations(range(segments), 3)))


def _designs(segments, n_masks, runs):
    """Signs of the first rows of all pairs, with fresh designs."""
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([foldover(segments, n_masks, rng) for _ in range(runs)]))
    order = block_order(segments)
    return (2.0 * masks.double() - 1.0).reshape(runs, -1, 2, order, segments)[:, :, 0].flatten(1, 2)


def _regressed(signs, targets):
    halves = signs.mT @ targets / signs.shape[1]
    return halves, targets - signs @ halves


@pytest.mark.parametrize(("segments", "n_masks"), [(9, 64), (12, 64), (8, 64), (20, 64)])
def test_an_effect_is_spared_the_noise_of_its_own_triples(segments, n_masks):
    signs = _designs(segments, n_masks, 2000)
    triples = _triples(segments)
    # Segments of very unequal weight; the last is in no triple.
    weight = torch.linspace(2, 0, segments, dtype=torch.float64) ** 2
    generator = torch.Generator().manual_seed(1)
    terms = torch.randn(len(triples), 3, generator=generator, dtype=torch.float64)
    terms = terms * weight[triples].prod(dim=1)[:, None]
    halves, residuals = _regressed(signs, signs[..., triples].prod(dim=-1) @ terms)
    pairs, size = n_masks // 2, terms.square().sum(dim=1)
    owned = torch.stack([size[(triples == j).any(dim=1)].sum() for j in range(segments)]) / size.sum()
    common = residuals.square().sum(dim=(1, 2)).mean() / (pairs * (pairs - segments))
    claimed = common * spread_factor(pairs, segments, block_order(segments)) * (1 - owned)
    # There are no single effects: all of the estimate is error.
    found = halves.square().sum(dim=2).mean(dim=0)
    assert (found / claimed).tolist() == pytest.approx([1.0] * segments, abs=0.15)
    assert float((found / claimed).mean()) == pytest.approx(1.0, abs=0.03)
    # One variance for all would be wrong by far at both ends.
    assert found[0] < 0.75 * common
    assert found[-1] > 0.95 * common


def _by_heredity(power, segments=10, n_masks=512):
    """Singles of unequal size, and triples whose squares go with powers of them."""
    generator = torch.Generator().manual_seed(2)
    singles = torch.randn(segments, 40, generator=generator, dtype=torch.float64)
    singles = singles * torch.linspace(1.5, 0.5, segments, dtype=torch.float64)[:, None]
    triples = _triples(segments)
    sizes = singles.norm(dim=1) ** power
    squares = sizes[triples].prod(dim=1)
    terms = torch.randn(len(triples), 40, generator=generator, dtype=torch.float64)
    terms = 0.3 * terms * (squares / squares.sum())[:, None].sqrt()
    signs = _designs(segments, n_masks, 1)
    halves, residuals = _regressed(signs, signs @ singles + signs[..., triples].prod(dim=-1) @ terms)
    # By brute force: e3(r) and r_j e2(r without j) are sums over triples.
    wanted = torch.stack([squares[(triples == j).any(dim=1)].sum() for j in range(segments)])
    return own_shares(signs[0], halves[0], residuals[0]), wanted / squares.sum()


@pytest.mark.parametrize("power", [0.5, 1.0, 2.0])
def test_shares_of_triples_that_go_with_effects_are_found(power):
    (found, explained), wanted = _by_heredity(power)
    assert explained > 0.8
    torch.testing.assert_close(found, explained * wanted, rtol=0, atol=0.03)


def test_triples_of_segments_without_effects_take_nothing_off_a_large_segment():
    tower, signs = HammingTower(0, 24, 32), _designs(24, 256, 20)
    targets = tower(signs.flatten(0, 1) > 0) - tower(signs.flatten(0, 1) < 0)
    targets = targets.reshape(20, -1, 32) / 2.0
    # Three segments that are large by themselves.
    targets = (
        targets + signs[..., :3] @ torch.randn(3, 32, generator=torch.Generator().manual_seed(0)).double()
    )
    noise = block_noise(signs, *_regressed(signs, targets), 32)
    factor = spread_factor(128, 24, 32)
    assert float(noise.explained.mean()) < 0.1
    assert float(noise.scales.mean()) == pytest.approx(factor, rel=0.05)
    assert float(noise.scales.max()) <= factor


def test_without_noise_or_without_triples_the_common_variance_stays():
    signs = _designs(9, 64, 1)[0]
    singles = torch.eye(9, dtype=torch.float64)
    shares, explained = own_shares(signs, singles, torch.zeros(32, 9, dtype=torch.float64))
    assert (shares.tolist(), explained) == ([0.0] * 9, 0.0)
    assert spread_factor(16, 2, 2) == 1.0
    assert spread_factor(16, 4, 4) == 4.0
    assert spread_factor(64, 49, 64) == 1.0


def test_of_many_pairs_the_first_stand_for_all():
    (found, explained), wanted = _by_heredity(1.0, n_masks=4096)
    assert explained > 0.8
    torch.testing.assert_close(found, explained * wanted, rtol=0, atol=0.03)


def test_errors_of_the_segments_that_make_an_item_are_as_small_as_they_are():
    """Mean squares of true errors over claimed ones, for the three segments with most of the attention."""
    tower = AttentionTower(0, 20, 24)
    rng = np.random.default_rng(0)
    masks = torch.from_numpy(np.stack([foldover(20, 128, rng) for _ in range(300)]))
    ends = [end.expand(300, -1) for end in (tower.empty, tower.full)]
    items = fit_banzhaf_batch(masks, torch.stack([tower(rows) for rows in masks]), *ends)
    effects = torch.stack([one.effects for one in items])
    trace = torch.stack([one.error.factors.square().sum() + one.error.rest * 8 for one in items])
    claimed = (trace[:, None] * torch.stack([one.error_scale for one in items])).mean(dim=0)
    ratio = effects.var(dim=0).sum(dim=1) / claimed
    largest = effects.mean(dim=0).norm(dim=1).topk(3).indices
    assert ((ratio[largest] > 0.6) & (ratio[largest] < 1.2)).all()
    assert float(ratio.mean()) == pytest.approx(1.0, abs=0.08)
