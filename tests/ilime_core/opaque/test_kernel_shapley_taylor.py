from itertools import combinations
from math import comb, factorial

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.opaque.kernel_shapley_taylor import kernel_shapley_taylor, shapley_taylor_kernel
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.pair_records import PairFitOptions

EXACT = {"rtol": 0, "atol": 1e-10}
GAME = PlantedPairGame(3, 4, 3, link=torch.sigmoid)
OPTIONS = PairFitOptions(rows=200)


def _rng(seed=0):
    return np.random.default_rng(seed)


def _values(game):
    """Every score, by the set of players that are kept."""
    players = game.n_left + game.n_right
    sets = [frozenset(kept) for size in range(players + 1) for kept in combinations(range(players), size)]
    masks = torch.tensor([[player in kept for player in range(players)] for kept in sets])
    scores = game.score(masks[:, : game.n_left], masks[:, game.n_left :])
    return dict(zip(sets, scores.tolist(), strict=True))


def _index(game, weight):
    """A second-order index by its definition: a weighted sum of second differences over coalitions."""
    values, players = _values(game), game.n_left + game.n_right
    found = torch.zeros(players, players, dtype=torch.float64)
    for i, j in combinations(range(players), 2):
        for kept, score in values.items():
            if not kept & {i, j}:
                difference = values[kept | {i, j}] - values[kept | {i}] - values[kept | {j}] + score
                found[i, j] += weight(len(kept), players) * difference
    return found + found.mT


def _shapley_taylor(size, players):
    return 2 / players / comb(players - 1, size)


def _faith_shap(size, players):
    return 6 * factorial(size + 1) * factorial(players - size - 1) / factorial(players + 1)


def _quadratic_regression(game, kernel, smallest):
    """Minimise over [1, z, z_i z_j] with the kernel, exact below ``smallest`` players and for all of them."""
    values, players = _values(game), game.n_left + game.n_right
    pairs = list(combinations(range(players), 2))
    kept = np.array([[player in one for player in range(players)] for one in values], dtype=float)
    design = np.column_stack([np.ones(len(kept)), kept, *(kept[:, i] * kept[:, j] for i, j in pairs)])
    sizes, scores = kept.sum(1).astype(int), np.array(list(values.values()))
    exact = (sizes < smallest) | (sizes == players)
    weights = np.array([kernel(players, size) for size in sizes[~exact].tolist()])
    gram = design[~exact].T * weights @ design[~exact]
    held = design[exact]
    system = np.block([[gram, held.T], [held, np.zeros((len(held), len(held)))]])
    target = np.concatenate([design[~exact].T * weights @ scores[~exact], scores[exact]])
    solution = np.linalg.lstsq(system, target, rcond=None)[0][1 + players : design.shape[1]]
    found = torch.zeros(players, players, dtype=torch.float64)
    for (i, j), value in zip(pairs, solution, strict=True):
        found[i, j] = found[j, i] = value
    return found


def test_all_coalitions_give_the_index_by_its_definition_across_and_within():
    truth = _index(GAME, _shapley_taylor)
    found = kernel_shapley_taylor(GAME, OPTIONS, _rng())
    torch.testing.assert_close(found.weights, truth[:4, 4:], **EXACT)
    torch.testing.assert_close(found.left.within, truth[:4, :4], **EXACT)
    torch.testing.assert_close(found.right.within, truth[4:, 4:], **EXACT)
    assert found.left.within.abs().max() > 0.01
    assert found.n_left_encodes == 16


def test_the_kernel_of_shap_gives_faith_shap_instead():
    truth = {name: _index(GAME, weight) for name, weight in (("sti", _shapley_taylor), ("fsi", _faith_shap))}
    taylor = _quadratic_regression(GAME, shapley_taylor_kernel, 2)
    shap = _quadratic_regression(GAME, lambda n, s: (n - 1) / (comb(n, s) * s * (n - s)), 1)
    torch.testing.assert_close(taylor, truth["sti"], rtol=0, atol=1e-8)
    torch.testing.assert_close(shap, truth["fsi"], rtol=0, atol=1e-8)
    assert (truth["sti"] - truth["fsi"]).abs().max() > 0.01


@pytest.mark.parametrize("rows", [0, 10, 60])
def test_a_bilinear_game_is_recovered_from_any_rows(rows):
    game = PlantedPairGame(0, 6, 5)
    found = kernel_shapley_taylor(game, PairFitOptions(rows=rows), _rng())
    torch.testing.assert_close(found.weights, game.interactions, **EXACT)
    torch.testing.assert_close(found.left.raw, game.left_effects, **EXACT)
    torch.testing.assert_close(found.right.raw, game.right_effects, **EXACT)
    assert found.left.within.abs().max() < 1e-10
    assert found.r2_total == pytest.approx(1)
    assert found.r2_linear is None


def test_it_is_complete_and_exact_at_lone_segments_from_few_rows():
    game = PlantedPairGame(1, 9, 6, link=torch.sigmoid)
    found = kernel_shapley_taylor(game, PairFitOptions(rows=50), _rng())
    parts = found.left.raw.sum() + found.right.raw.sum() + found.weights.sum()
    parts = parts + found.left.within.sum() / 2 + found.right.within.sum() / 2
    assert found.f_full - found.f_empty == pytest.approx(parts.item(), abs=1e-10)
    assert found.intercept == found.f_empty
    lone = torch.eye(9, dtype=torch.bool), torch.zeros(9, 6, dtype=torch.bool)
    torch.testing.assert_close(found.left.raw, game.score(*lone) - found.f_empty)


def test_more_rows_bring_it_nearer_to_the_index():
    game = PlantedPairGame(1, 5, 5, link=torch.sigmoid)
    truth = kernel_shapley_taylor(game, PairFitOptions(rows=1024), _rng()).weights

    def drawn(rows):
        options = PairFitOptions(rows=rows, held_out=0)
        return torch.stack([kernel_shapley_taylor(game, options, _rng(seed)).weights for seed in range(30)])

    few, many = drawn(90), drawn(900)
    assert (many - truth).square().mean() < 0.3 * (few - truth).square().mean()
    # Were pairs and larger coalitions weighed by any other ratio, the mean would lie elsewhere.
    assert (many.mean(0) - truth).norm() < 0.04 * truth.norm()


def test_two_segments_have_one_interaction_the_mixed_difference():
    found = kernel_shapley_taylor(PlantedPairGame(0, 1, 1, link=torch.sigmoid), OPTIONS, _rng())
    mixed = found.f_full - found.f_left_empty - found.f_right_empty + found.f_empty
    assert found.weights.item() == pytest.approx(mixed)


def test_a_negative_number_of_rows_is_refused():
    with pytest.raises(InputError, match="-1"):
        kernel_shapley_taylor(GAME, PairFitOptions(rows=-1), _rng())
