"""Quadrature of interaction indices: values on planted towers, and its bias.

Proves ilime_core.effects.node_effects.
"""

from itertools import product
from math import comb, factorial

import numpy as np
import pytest
import torch

from ilime_core.effects.covariance import quadratic_form
from ilime_core.effects.node_effects import sampled_node_effects
from ilime_core.effects.quadrature import DENSITIES
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.quadrature_rows import QuadratureRows, gauss_legendre
from ilime_core.records import MaskedEmbeddings
from ilime_core.synthetic.planted import AttentionTower, TanhTower

INDICES = ("shapley_interaction", "shapley_taylor", "faith_shap")

SIZE_WEIGHTS = {
    "shapley_interaction": lambda u, n: factorial(u) * factorial(n - 2 - u) / factorial(n - 1),
    "shapley_taylor": lambda u, n: 2.0 / n / comb(n - 1, u),
    "faith_shap": lambda u, n: 6.0 * factorial(u + 1) * factorial(n - u - 1) / factorial(n + 1),
}
"""Weight of a coalition of u of the other n - 2 segments, as published."""


def item_of(tower, n_masks=4, nodes=4, quadrature=256, seed=0):
    request = MaskRequest("foldover", n_masks, further={"quadrature": QuadratureRows(quadrature, nodes)})
    plan = draw_masks(tower.n_segments, request=request, rng_of=lambda _: np.random.default_rng(seed))
    rows = torch.from_numpy(plan.masks)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, plan.sets)


def fitted(name, left, right, nodes):
    options = FitOptions(quadrature_nodes=nodes)
    sides = [stack_effects(ESTIMATORS[name].make([item], options), p=None) for item in (left, right)]
    only = torch.zeros(1, dtype=torch.long)
    return fit_pairs(*sides, only, only)


def all_scores(left, right):
    grids = [torch.from_numpy(enumerate_all(tower.n_segments)) for tower in (left, right)]
    return (left(grids[0]) @ right(grids[1]).mT).numpy()


def by_definition(name, scores, n, m):
    """Weighted mixed differences over all coalitions of the joint game."""
    index = np.zeros((n, m))
    for i, j in product(range(n), range(m)):
        for s, t in product(range(2**n), range(2**m)):
            if s >> i & 1 or t >> j & 1:
                continue
            mixed = scores[s | 1 << i, t | 1 << j] - scores[s | 1 << i, t] - scores[s, t | 1 << j]
            size = s.bit_count() + t.bit_count()
            index[i, j] += SIZE_WEIGHTS[name](size, n + m) * (mixed + scores[s, t])
    return index


def by_sizes(name, left, right):
    """The same from mean effects at each size of either item's coalition."""
    means = []
    for tower in (left, right):
        n, masks = tower.n_segments, enumerate_all(tower.n_segments)
        seen = tower(masks).numpy()
        mean = np.zeros((n, n, tower.dim))
        for i, row in product(range(n), range(2**n)):
            if not row >> i & 1:
                s = row.bit_count()
                mean[i, s] += (seen[row | 1 << i] - seen[row]) / comb(n - 1, s)
        means.append(mean)
    n, m = left.n_segments, right.n_segments
    return sum(
        comb(n - 1, s) * comb(m - 1, t) * SIZE_WEIGHTS[name](s + t, n + m) * means[0][:, s] @ means[1][:, t].T
        for s, t in product(range(n), range(m))
    )


def joint_shapley(scores, n, m):
    players = n + m
    game = scores.T.reshape(-1)  # the left item's segments are the low bits
    values = np.zeros(players)
    for player, row in product(range(players), range(2**players)):
        if not row >> player & 1:
            size = row.bit_count()
            weight = factorial(size) * factorial(players - size - 1) / factorial(players)
            values[player] += weight * (game[row | 1 << player] - game[row])
    return values


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize(("n", "m"), [(4, 3), (2, 5)])
def test_enumerated_pairs_have_the_published_index(name, n, m):
    left, right = AttentionTower(1, n, 5), TanhTower(2, m, 5)
    fits = fitted(name, item_of(left, 64), item_of(right, 64), 5)
    index = by_definition(name, all_scores(left, right), n, m)
    np.testing.assert_allclose(by_sizes(name, left, right), index, atol=1e-12)
    np.testing.assert_allclose(fits.weights[0], index, atol=1e-12)


@pytest.mark.parametrize("name", INDICES)
def test_ten_segments_need_six_nodes_and_fewer_leave_a_floor(name):
    left, right = AttentionTower(3, 6, 4), AttentionTower(4, 4, 4)
    index = by_sizes(name, left, right)
    errors = []
    for nodes in (2, 4, 6):
        fits = fitted(name, item_of(left, 64), item_of(right, 64), nodes)
        errors.append(np.linalg.norm(fits.weights[0].numpy() - index) / np.linalg.norm(index))
    assert errors[0] > 1e-3 > errors[1] > 1e-12 > errors[2]


def test_main_effects_of_the_interaction_index_are_joint_shapley_values():
    left, right = AttentionTower(1, 4, 5), TanhTower(2, 3, 5)
    fits = fitted("shapley_interaction", item_of(left, 64), item_of(right, 64), 5)
    scores = all_scores(left, right)
    found = np.concatenate([fits.left.effect[0], fits.right.effect[0]])
    np.testing.assert_allclose(found, joint_shapley(scores, 4, 3), atol=1e-12)
    np.testing.assert_allclose(found.sum(), scores[-1, -1] - scores[0, 0], atol=1e-12)  # efficiency
    # With the right item whole they are the Shapley values of the search score, which share it out as well.
    whole, empty = (left.full @ right.full).item(), (left.empty @ right.full).item()
    np.testing.assert_allclose(fits.left.intact_effect[0].sum(), whole - empty, atol=1e-12)


@pytest.mark.parametrize("name", INDICES)
@pytest.mark.parametrize("nodes", [2, 3, 4])
def test_corners_are_exact_whatever_the_nodes(name, nodes):
    left, right = AttentionTower(1, 9, 5), AttentionTower(2, 12, 5)
    fits = fitted(name, item_of(left, nodes=nodes), item_of(right, nodes=nodes), nodes)
    for corner, x, y in (
        (fits.f_full, left.full, right.full),
        (fits.f_left_empty, left.empty, right.full),
        (fits.f_right_empty, left.full, right.empty),
        (fits.f_empty, left.empty, right.empty),
    ):
        torch.testing.assert_close(corner[0], x @ y)


@pytest.mark.parametrize("nodes", [3, 4])
def test_errors_fall_with_the_root_of_the_masks(nodes):
    left, right = TanhTower(5, 11, 6), TanhTower(6, 7, 6)
    options = FitOptions(quadrature_nodes=nodes)
    others = item_of(right, 128, nodes)
    truth = fitted("faith_shap", item_of(left, 2048, nodes), others, nodes).weights[0]
    b = ESTIMATORS["faith_shap"].make([others], options)[0].effects
    errors = []
    for masks in (256, 1024):
        items = [item_of(left, 4, nodes, masks, seed) for seed in range(24)]
        assert not items[0].sets.enumerated
        found = torch.stack([one.effects @ b.mT for one in ESTIMATORS["faith_shap"].make(items, options)])
        errors.append((found - truth).square().mean().sqrt().item())
        bias = (found.mean(dim=0) - truth).square().mean().sqrt().item()
        assert bias < 2.0 * errors[-1] / 24**0.5
    assert 1.6 < errors[0] / errors[1] < 2.5  # a quarter of the rows: twice the error


@pytest.mark.parametrize("nodes", [3, 4])
@pytest.mark.parametrize("segments", [12, 49])
def test_standard_errors_tell_the_spread_between_draws(nodes, segments):
    tower, direction = TanhTower(7, segments, 6), torch.linspace(-1, 1, 6 * nodes, dtype=torch.float64)
    options = FitOptions(quadrature_nodes=nodes)
    items = [item_of(tower, 4, nodes, 480, seed) for seed in range(60)]
    found = ESTIMATORS["shapley_interaction"].make(items, options)
    spread = torch.stack([one.effects @ direction for one in found]).std(dim=0)
    told = torch.stack(
        [one.error_scale * quadratic_form(one.error, direction[None])[0] for one in found]
    ).mean(dim=0)
    # Rows of few segments repeat, which dealing avoids for a while: errors of 12 are told too large.
    assert 0.9 < (told.sqrt() / spread).mean().item() < (1.2 if segments == 12 else 1.1)


@pytest.mark.parametrize("nodes", [3, 4])
def test_a_segment_has_the_errors_of_all_nodes_each_by_its_weight(nodes):
    item, rule = item_of(TanhTower(0, 12, 4), nodes=nodes), gauss_legendre(nodes)
    rows = item.sets.rows["quadrature"]
    kept = item.masks[rows].reshape(nodes, -1, 12).double()
    seen = item.embeddings[rows].reshape(nodes, kept.shape[1], 4).double()
    wanted = torch.zeros(12, dtype=torch.float64)
    for node in range(nodes):
        columns, answers = torch.cat([torch.ones_like(kept[node, :, :1]), kept[node]], dim=1), seen[node]
        if rule.p[node] == 0.5:
            # Complement pairs, 16 rows apart: what they differ by has no constant.
            first, second = answers.reshape(-1, 2, 16, 4).unbind(dim=1)
            answers = ((first - second) / 2.0).flatten(0, 1)
            columns = kept[node].reshape(-1, 2, 16, 12)[:, 0].flatten(0, 1) - 0.5
        operator = torch.linalg.pinv(columns)
        left = torch.eye(len(columns)).double() - columns @ operator
        squares = (left @ answers).square().sum(dim=1) / left.diagonal()
        weight = rule.weight[node] * DENSITIES["shapley_taylor"](rule.p[node])
        wanted += weight * operator[-12:].square() @ squares
    [found] = ESTIMATORS["shapley_taylor"].make([item], FitOptions(quadrature_nodes=nodes))
    trace = found.error.factors.square().sum() + found.error.rest * max(0, 4 * nodes - 16)
    torch.testing.assert_close(found.error_scale * trace, wanted)


def test_rows_that_leave_a_segment_out_and_rows_of_other_nodes_are_refused():
    tower = TanhTower(0, 6, 4)
    short = torch.ones(32, 6, dtype=torch.bool)
    with pytest.raises(RankDeficientError, match="at least 7"):
        sampled_node_effects(short, tower(short), gauss_legendre(4))
    rows = item_of(TanhTower(0, 12, 4))
    with pytest.raises(InputError, match="each of 7"):
        ESTIMATORS["faith_shap"].make([rows], FitOptions(quadrature_nodes=7))
