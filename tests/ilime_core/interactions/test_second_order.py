from itertools import combinations

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.errors import InputError
from ilime_core.interactions.second_order import second_order, segment_pairs, strongest_cells
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.synthetic.planted import AdditiveTower, TanhTower


def prepared(tower, masks, p=0.5):
    rows = torch.from_numpy(masks)
    enumerated = len(masks) == 2 ** masks.shape[1]
    embeddings = tower(rows)
    options = BanzhafOptions(p=p, enumerated=enumerated)
    effects = fit_banzhaf(rows, embeddings, tower.empty, tower.full, options=options)
    return segment_pairs(rows, embeddings, effects, p=p)


def by_definition(tower, targets, p):
    """Mean of g(S+i+j) - g(S+i) - g(S+j) + g(S) over the product law of the other segments."""
    n = tower.n_segments
    found = []
    for i, j in combinations(range(n), 2):
        total = torch.zeros(tower.dim, dtype=torch.float64)
        for row in enumerate_all(n):
            if row[i] or row[j]:
                continue
            share = p ** row.sum() * (1 - p) ** (n - 2 - row.sum())
            corners = np.stack([row, row, row, row])
            corners[1, i] = corners[2, j] = corners[3, i] = corners[3, j] = True
            a, b, c, d = tower(corners)
            total += share * (d - c - b + a)
        found.append(targets @ total)
    return torch.stack(found)


@pytest.mark.parametrize("p", [0.5, 0.7])
def test_all_coalitions_give_the_mean_second_difference(p):
    tower, targets = TanhTower(0, 6, 5), torch.randn(3, 5, dtype=torch.float64)
    found = second_order(prepared(tower, enumerate_all(6), p), targets)
    torch.testing.assert_close(found.weights, by_definition(tower, targets, p), rtol=0, atol=1e-12)
    assert not found.standard_errors.any()
    assert found.degrees is None


def test_three_segments_are_a_second_difference_of_the_left_item_against_an_effect_of_the_right():
    left, right = TanhTower(1, 5, 6), TanhTower(2, 4, 6)
    effect = fit_banzhaf(
        torch.from_numpy(enumerate_all(4)),
        right(enumerate_all(4)),
        right.empty,
        right.full,
        options=BanzhafOptions(enumerated=True),
    ).effects
    found = second_order(prepared(left, enumerate_all(5)), effect).weights
    scores = left(enumerate_all(5)) @ right(enumerate_all(4)).T
    signs_x, signs_y = 2.0 * enumerate_all(5) - 1, 2.0 * enumerate_all(4) - 1
    for row, (i, j) in enumerate(combinations(range(5), 2)):
        for k in range(4):
            # The Fourier coefficient of three segments, times 2^3: their mean third difference.
            contrast = np.outer(signs_x[:, i] * signs_x[:, j], signs_y[:, k])
            assert found[row, k] == pytest.approx(8 * float((contrast * scores.numpy()).mean()), abs=1e-12)


@pytest.mark.parametrize("masks", [foldover(9, 64, np.random.default_rng(0)), enumerate_all(9)])
def test_additive_items_have_none(masks):
    rng = np.random.default_rng(3)
    tower = AdditiveTower(torch.from_numpy(rng.normal(size=(9, 4))), torch.from_numpy(rng.normal(size=4)))
    found = second_order(prepared(tower, masks), torch.randn(2, 4, dtype=torch.float64))
    assert found.weights.abs().max() < 1e-12


def test_the_two_rows_of_a_complement_pair_are_one_observation():
    """What is odd in the coalition cancels between them, and what is even counts once."""
    masks = torch.from_numpy(foldover(6, 64, np.random.default_rng(1)))
    signs = 2.0 * masks.double() - 1
    odd, even = signs[:, 0] * signs[:, 1] * signs[:, 2], signs[:, 3] * signs[:, 4]
    nothing = torch.zeros(2, dtype=torch.float64)
    effects = fit_banzhaf(
        masks,
        torch.stack([odd, even], dim=1),
        nothing,
        nothing,
        options=BanzhafOptions(p=0.5, enumerated=False),
    )
    item = segment_pairs(masks, torch.stack([odd, even], dim=1), effects, p=0.5)
    found = second_order(item, torch.eye(2, dtype=torch.float64))
    assert found.weights[:, 0].abs().max() < 1e-12
    assert found.standard_errors[:, 0].max() < 1e-7
    pairs = list(combinations(range(6), 2))
    for row, (i, j) in enumerate(pairs):
        # Mean of both indicators' product, each over 1/4, times what the affine part leaves.
        wanted = float((4 * signs[:, i] * signs[:, j] * (even - even.mean())).mean())
        assert found.weights[row, 1] == pytest.approx(wanted, abs=1e-12)
    cell = pairs.index((3, 4))
    products = 4 * (1 - even[:, None] * even.mean())[:, 0]
    one_a_pair = products.reshape(-1, 2, 8)[:, 0].flatten()
    error = one_a_pair.std(correction=1) / len(one_a_pair) ** 0.5
    assert found.standard_errors[cell, 1] == pytest.approx(float(error), abs=1e-9)
    assert found.degrees == len(one_a_pair) - 1


@pytest.mark.parametrize(
    ("draw", "p", "bias"),
    [
        (lambda rng: foldover(9, 128, rng), 0.5, 5 / np.sqrt(200)),
        (lambda rng: bernoulli_masks(9, 128, 0.5, rng), 0.5, 0.5),
        (lambda rng: bernoulli_masks(9, 128, 0.7, rng), 0.7, 0.5),
    ],
    ids=["foldover", "iid", "iid at .7"],
)
def test_errors_of_sampled_items_are_the_spread_over_designs(draw, p, bias):
    tower = TanhTower(4, 9, 5)
    targets = torch.randn(1, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    truth = second_order(prepared(tower, enumerate_all(9), p), targets).weights
    rng = np.random.default_rng(0)
    fits = [second_order(prepared(tower, draw(rng), p), targets) for _ in range(200)]
    apart = torch.stack([fit.weights for fit in fits]) - truth
    claimed = torch.stack([fit.standard_errors for fit in fits]).square().mean().sqrt()
    assert float(apart.square().mean().sqrt() / claimed) == pytest.approx(1.0, abs=0.15)
    # Whole blocks are unbiased: the mean over designs is within what 200 of them leave to chance.
    assert float(apart.mean(dim=0).abs().max() / claimed) < bias


def test_the_strongest_cells_come_first_and_ties_in_their_order():
    assert strongest_cells(torch.tensor([0.1, -0.5, 0.5, 0.0]), 3).tolist() == [1, 2, 0]


def test_rows_that_cannot_serve_are_refused():
    tower = TanhTower(0, 4, 3)
    masks = torch.from_numpy(enumerate_all(4))
    effects = fit_banzhaf(
        masks, tower(masks), tower.empty, tower.full, options=BanzhafOptions(enumerated=True)
    )
    with pytest.raises(InputError, match="inside"):
        segment_pairs(masks, tower(masks), effects, p=1.0)
    with pytest.raises(InputError, match="one effect a segment"):
        segment_pairs(masks[:, :3], tower(masks), effects, p=0.5)
