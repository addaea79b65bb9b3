"""Grid regressions against brute-force least squares and the effects of a dual encoder.

Proves ilime_core.opaque.corners, ilime_core.opaque.fitted and ilime_core.opaque.grid_regression.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.opaque.grid import draw_side, grid
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.pair_records import GivenRows, PairFitOptions

OPTIONS = PairFitOptions(left_masks=128, right_masks=64)
EXACT = {"rtol": 0, "atol": 1e-10}


def _rng(seed=0):
    return np.random.default_rng(seed)


def _sides(game, options, seed=0):
    rng = _rng(seed)
    return [
        draw_side(count, rows, options, rng)
        for count, rows in ((game.n_left, options.left_masks), (game.n_right, options.right_masks))
    ]


def test_a_bilinear_game_is_recovered_to_rounding():
    game = PlantedPairGame(0, 9, 7)
    found = grid(game, OPTIONS, _rng())
    torch.testing.assert_close(found.weights, game.interactions, **EXACT)
    torch.testing.assert_close(found.left.raw, game.left_effects, **EXACT)
    torch.testing.assert_close(found.right.raw, game.right_effects, **EXACT)
    assert found.intercept == pytest.approx(game.intercept, abs=1e-10)
    torch.testing.assert_close(found.left.effect, game.left_effects + game.interactions.sum(1) / 2, **EXACT)
    torch.testing.assert_close(found.right.intact, game.right_effects + game.interactions.sum(0), **EXACT)
    assert found.r2_total == pytest.approx(1)
    assert found.r2_cross == pytest.approx(1)
    assert 0.1 < found.r2_linear < 0.99
    ones = torch.ones(1, 9, dtype=torch.bool), torch.ones(1, 7, dtype=torch.bool)
    assert found.f_full == pytest.approx(game.score(*ones).item())
    assert found.f_left_empty == pytest.approx(game.score(~ones[0], ones[1]).item())
    assert found.f_right_empty == pytest.approx(game.score(ones[0], ~ones[1]).item())
    assert found.f_empty == pytest.approx(game.score(~ones[0], ~ones[1]).item())


def test_an_additive_game_has_no_interactions():
    found = grid(PlantedPairGame(0, 9, 7, additive=True), OPTIONS, _rng())
    assert found.weights.abs().max() < 1e-12
    assert found.r2_cross is None


@pytest.mark.parametrize("p", [0.5, 0.7])
def test_of_a_cosine_it_is_the_product_of_the_items_effects_with_their_errors(cosine_game, p):
    game, options = cosine_game(9, 7), replace(OPTIONS, p=p)
    found = grid(game, options, _rng())
    stacks = []
    for side, tower in zip(_sides(game, options), (game.left, game.right), strict=True):
        fitted = BanzhafOptions(p=p, error_rank=12, spread_rank=12, enumerated=side.enumerated)
        stacks.append(
            stack_effects(
                [fit_banzhaf(side.masks, tower(side.masks), tower.empty, tower.full, options=fitted)]
            )
        )
    one = torch.zeros(1, dtype=torch.long)
    pair = fit_pairs(*stacks, one, one)
    torch.testing.assert_close(found.weights, pair.weights[0], **EXACT)
    # Residuals, here of scores and there of embeddings, say how errors differ between segments.
    near = {"rtol": 0.15, "atol": 0}
    torch.testing.assert_close(found.weight_errors, pair.errors.standard_errors[0], **near)
    assert found.sum_squared_error == pytest.approx(
        pair.errors.sum_squared_error.item(), rel=near["rtol"], abs=1e-10
    )
    assert found.intercept == pytest.approx(pair.intercept.item(), abs=1e-10)
    for ours, theirs in ((found.left, pair.left), (found.right, pair.right)):
        torch.testing.assert_close(ours.effect, theirs.effect[0], **EXACT)
        torch.testing.assert_close(ours.raw, theirs.raw_effect[0], **EXACT)
        torch.testing.assert_close(ours.intact, theirs.intact_effect[0], **EXACT)
        torch.testing.assert_close(ours.error, theirs.standard_error[0], **near)
        torch.testing.assert_close(ours.intact_error, theirs.intact_standard_error[0], **near)


@pytest.mark.parametrize("kernel", ["none", "product"])
def test_it_is_the_least_squares_fit_of_any_score_on_the_grid(brute_affine, kernel):
    game = PlantedPairGame(3, 6, 4, link=torch.sigmoid)
    options = PairFitOptions(left_masks=32, right_masks=8, kernel=kernel, kernel_width=0.6)
    found = grid(game, options, _rng())
    left, right = (side.masks for side in _sides(game, options))
    weights = None
    if kernel == "product":
        weights = torch.outer(*(product_kernel_weights(masks, 0.6) for masks in (left, right))).flatten()
        assert found.weight_errors is None
    joint = left.repeat_interleave(len(right), 0), right.repeat(len(left), 1)
    solution = brute_affine(*joint, game.score(*joint), weights)
    assert found.intercept == pytest.approx(solution[0].item(), abs=1e-10)
    torch.testing.assert_close(found.left.raw, solution[1:7], **EXACT)
    torch.testing.assert_close(found.right.raw, solution[7:11], **EXACT)
    torch.testing.assert_close(found.weights.flatten(), solution[11:], **EXACT)


def test_standard_errors_cover_the_enumerated_truth_of_an_opaque_score():
    game = PlantedPairGame(5, 8, 7, link=torch.sigmoid)
    truth = grid(game, PairFitOptions(left_masks=256, right_masks=128, held_out=0), _rng()).weights
    options = PairFitOptions(left_masks=128, right_masks=64, held_out=0)
    drawn = [grid(game, options, _rng(seed)) for seed in range(60)]
    errors = torch.stack([found.weights - truth for found in drawn])
    claimed = torch.stack([found.weight_errors for found in drawn])
    assert 0.9 < (errors.abs() < 1.96 * claimed).double().mean() < 0.985
    # Of 64 - 8 degrees of the left design and 32 - 7 of the right one, whose blocks are small, .4 to .75.
    for found, degrees in ((drawn[0].left, 56), (drawn[0].right, 25)):
        assert bool(((found.degrees >= 0.4 * degrees) & (found.degrees <= 0.75 * degrees)).all())
    assert 10 < drawn[0].weight_degrees.min() < drawn[0].weight_degrees.max() < 0.75 * (56 + 25)
    squared = np.mean([found.sum_squared_error for found in drawn])
    assert squared == pytest.approx(errors.square().sum((1, 2)).mean().item(), rel=0.2)


def test_an_enumerated_grid_has_no_error_and_is_its_own_test():
    game = PlantedPairGame(5, 4, 3, link=torch.sigmoid)
    found = grid(game, PairFitOptions(left_masks=16, right_masks=8), _rng())
    assert found.n_scores == 16 * 8
    assert (found.n_left_encodes, found.n_right_encodes) == (16, 8)
    assert found.weight_errors.abs().max() == 0
    assert 0 < found.r2_linear < found.r2_total < 1
    assert 0 < found.r2_cross < 1


def test_fresh_scores_agree_with_the_population_on_the_quality_of_a_fit():
    game = PlantedPairGame(5, 7, 6, link=torch.sigmoid)
    options = PairFitOptions(left_masks=64, right_masks=32, held_out=100)
    found = grid(game, options, _rng())
    every = grid(game, replace(options, held_out=128), _rng())
    assert found.r2_cross != every.r2_cross
    assert found.r2_cross == pytest.approx(every.r2_cross, abs=0.1)
    assert found.r2_total == pytest.approx(every.r2_total, abs=0.05)
    nothing = grid(game, replace(options, held_out=0), _rng())
    assert nothing.r2_total is None
    assert nothing.r2_cross is None


def test_more_masks_bring_it_nearer_to_the_truth():
    game = PlantedPairGame(5, 8, 7, link=torch.sigmoid)
    truth = grid(game, PairFitOptions(left_masks=256, right_masks=128), _rng()).weights

    def error(left, right):
        options = PairFitOptions(left_masks=left, right_masks=right, held_out=0)
        runs = [grid(game, options, _rng(seed)).weights - truth for seed in range(10)]
        return torch.stack(runs).square().mean()

    base = error(32, 32)
    assert error(128, 32) < 0.8 * base
    assert error(32, 128) < 0.8 * base


def test_lime_kernels_and_too_few_masks_are_refused():
    game = PlantedPairGame(0, 9, 7)
    with pytest.raises(InputError, match="does not factor"):
        grid(game, replace(OPTIONS, kernel="lime"), _rng())
    with pytest.raises(RankDeficientError):
        grid(game, replace(OPTIONS, p=0.7, left_masks=5), _rng())
    with pytest.raises(InputError, match="held_out"):
        grid(game, replace(OPTIONS, held_out=1), _rng())


def test_given_rows_are_fitted_and_tested_on_instead_of_drawn_ones():
    game = PlantedPairGame(5, 8, 6, link=torch.sigmoid)
    options = PairFitOptions(left_masks=32, right_masks=64)
    left, right = _sides(game, options, seed=7)
    fresh = [torch.as_tensor(_rng(9).random((20, count)) < 0.5) for count in (8, 6)]
    given = tuple(
        GivenRows(side.masks, side.enumerated, rows) for side, rows in zip((left, right), fresh, strict=True)
    )
    found = grid(game, replace(options, given=given), _rng(1))
    torch.testing.assert_close(found.weights, grid(game, options, _rng(7)).weights, **EXACT)
    before = grid(game, replace(options, given=given), _rng(2))
    assert (found.r2_total, found.n_scores) == (before.r2_total, before.n_scores)
    untested = tuple(replace(rows, held_out=rows.held_out[:0]) for rows in given)
    alone = grid(game, replace(options, given=untested), _rng(1))
    assert alone.r2_total is None
    assert found.n_scores > alone.n_scores
