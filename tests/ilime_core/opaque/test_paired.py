"""Paired regressions against least squares over all joint coalitions.

Proves ilime_core.opaque.joint_rows.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.effects.kernel import product_kernel_weights
from ilime_core.errors import InputError, RankDeficientError
from ilime_core.opaque.grid import grid
from ilime_core.opaque.joint_rows import draw_joint_rows, lime_weights
from ilime_core.opaque.paired import paired, paired_pure
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.opaque.shrinkage import regress
from ilime_core.pair_records import PairFitOptions

EXACT = {"rtol": 0, "atol": 1e-10}
PLAIN = PairFitOptions(rows=400, penalty=0.0)


def _rng(seed=0):
    return np.random.default_rng(seed)


def test_all_joint_rows_give_the_brute_least_squares(all_joint, brute_affine):
    game = PlantedPairGame(3, 5, 3, link=torch.sigmoid)
    found = paired(game, PLAIN, _rng())
    left, right = all_joint(5, 3)
    solution = brute_affine(left, right, game.score(left, right))
    assert found.intercept == pytest.approx(solution[0].item(), abs=1e-10)
    torch.testing.assert_close(found.left.raw, solution[1:6], **EXACT)
    torch.testing.assert_close(found.right.raw, solution[6:9], **EXACT)
    torch.testing.assert_close(found.weights.flatten(), solution[9:], **EXACT)
    assert found.n_scores == 256
    assert found.weight_errors.abs().max() == 0


def test_all_joint_rows_give_what_the_enumerated_grid_gives():
    for p in (0.5, 0.7):
        game = PlantedPairGame(3, 5, 3, link=torch.sigmoid)
        joint = paired(game, replace(PLAIN, p=p), _rng())
        whole = grid(game, PairFitOptions(left_masks=32, right_masks=8, p=p), _rng())
        torch.testing.assert_close(joint.weights, whole.weights, **EXACT)
        torch.testing.assert_close(joint.left.effect, whole.left.effect, **EXACT)
        torch.testing.assert_close(joint.right.effect, whole.right.effect, **EXACT)
        assert joint.r2_cross != pytest.approx(whole.r2_cross, abs=1e-9)


def test_sampled_rows_with_a_kernel_are_the_brute_weighted_least_squares(brute_affine):
    game = PlantedPairGame(4, 6, 5, link=torch.sigmoid)
    for kernel in ("lime", "product"):
        options = replace(PLAIN, kernel=kernel, kernel_width=0.4)
        found = paired(game, options, _rng())
        rows = draw_joint_rows(6, 5, options, _rng())
        weights = (
            lime_weights(rows, 0.4)
            if kernel == "lime"
            else product_kernel_weights(rows.left, 0.4) * product_kernel_weights(rows.right, 0.4)
        )
        solution = brute_affine(rows.left, rows.right, game.score(rows.left, rows.right), weights)
        torch.testing.assert_close(found.weights.flatten(), solution[12:], **EXACT)
        assert found.weight_errors is None


def test_a_bilinear_game_is_recovered_and_its_effects_follow_from_the_form():
    game = PlantedPairGame(0, 6, 4)
    found = paired(game, replace(PLAIN, p=0.7), _rng())
    torch.testing.assert_close(found.weights, game.interactions, **EXACT)
    torch.testing.assert_close(found.left.effect, game.left_effects + 0.7 * game.interactions.sum(1), **EXACT)
    torch.testing.assert_close(found.right.intact, game.right_effects + game.interactions.sum(0), **EXACT)
    assert found.r2_total == pytest.approx(1)


def test_an_additive_game_has_interactions_only_without_intercept_and_main_effects():
    game = PlantedPairGame(0, 6, 4, additive=True)
    assert paired(game, PLAIN, _rng()).weights.abs().max() < 1e-10
    pure = paired_pure(game, PLAIN, _rng())
    largest = max(game.left_effects.abs().max(), game.right_effects.abs().max())
    assert pure.weights.abs().max() > 0.5 * largest
    assert pure.left.effect is None
    assert pure.right.raw is None
    assert pure.intercept == 0
    assert pure.r2_linear is None
    assert pure.r2_total < paired(game, PLAIN, _rng()).r2_total


def test_the_pure_form_is_least_squares_on_products_alone(all_joint):
    game = PlantedPairGame(0, 4, 3, link=torch.sigmoid)
    left, right = all_joint(4, 3)
    design = (left.double()[:, :, None] * right.double()[:, None, :]).flatten(1)
    solution = torch.linalg.lstsq(design, game.score(left, right)[:, None]).solution[:, 0]
    found = paired_pure(game, PLAIN, _rng())
    torch.testing.assert_close(found.weights.flatten(), solution, **EXACT)


@pytest.mark.parametrize("estimator", [paired, paired_pure])
@pytest.mark.parametrize("regression", ["ridge", "lasso"])
def test_a_penalty_shrinks(estimator, regression):
    game = PlantedPairGame(0, 6, 4, link=torch.tanh)
    sizes = [
        estimator(game, replace(PLAIN, regression=regression, penalty=penalty), _rng()).weights.abs().sum()
        for penalty in (0.001, 0.01, 0.1)
    ]
    assert sizes[0] > sizes[1] > sizes[2]
    hard = estimator(game, replace(PLAIN, regression=regression, penalty=10.0), _rng()).weights
    assert (hard == 0).all() == (regression == "lasso")


def test_standard_errors_cover_the_enumerated_truth_of_an_opaque_score():
    game = PlantedPairGame(5, 5, 4, link=torch.sigmoid)
    truth = paired(game, replace(PLAIN, rows=512), _rng()).weights
    options = replace(PLAIN, rows=200, held_out=0)
    drawn = [paired(game, options, _rng(seed)) for seed in range(150)]
    errors = torch.stack([found.weights - truth for found in drawn])
    claimed = torch.stack([found.weight_errors for found in drawn])
    assert 0.93 < (errors.abs() < 1.96 * claimed).double().mean() < 0.98
    assert claimed.square().mean() == pytest.approx(errors.square().mean().item(), rel=0.25)


def test_degrees_are_those_of_the_spread_of_the_estimated_variances():
    # Of a score whose noise is independent and normal: 2 mean^2 / variance of SE^2, by simulation.
    design = torch.from_numpy(np.random.default_rng(0).integers(0, 2, (60, 12))).double()
    noise = torch.randn(4000, 60, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    plain = PairFitOptions(penalty=0.0)
    fits = [regress(design, one, torch.ones(60, dtype=torch.float64), plain) for one in noise]
    squares = torch.stack([fit.errors for fit in fits]).square()
    simulated = 2 * squares.mean(0) ** 2 / squares.var(0)
    assert fits[0].degrees.max() < 60 - 12 - 1
    torch.testing.assert_close(fits[0].degrees, simulated, rtol=0.12, atol=0)


def test_products_have_degrees_where_they_have_errors():
    game = PlantedPairGame(5, 5, 4, link=torch.sigmoid)
    drawn = paired(game, replace(PLAIN, rows=200, held_out=0), _rng())
    assert drawn.weight_degrees.shape == (5, 4)
    assert (drawn.weight_degrees < 200 - 29 - 1).all()
    assert (drawn.weight_degrees > 8).all()
    for options in (replace(PLAIN, rows=512), replace(PLAIN, penalty=0.1), replace(PLAIN, kernel="lime")):
        assert paired(game, options, _rng()).weight_degrees is None


def test_more_rows_bring_it_nearer_to_the_truth():
    game = PlantedPairGame(5, 8, 6, link=torch.sigmoid)
    truth = grid(game, PairFitOptions(left_masks=256, right_masks=64), _rng()).weights

    def error(rows):
        options = PairFitOptions(rows=rows, penalty=0.1, held_out=0)
        return torch.stack([paired(game, options, _rng(seed)).weights - truth for seed in range(8)]).norm()

    assert error(1000) < 0.6 * error(200)


def test_noise_of_the_game_reaches_the_errors():
    quiet, loud = (
        paired(PlantedPairGame(0, 6, 4, noise=noise), replace(PLAIN, held_out=0), _rng())
        for noise in (0.01, 0.1)
    )
    torch.testing.assert_close(loud.weight_errors, 10 * quiet.weight_errors, rtol=1e-6, atol=0)


def test_too_few_rows_and_bad_options_say_what_is_wrong():
    game = PlantedPairGame(0, 9, 7)
    with pytest.raises(RankDeficientError, match="79 coefficients"):
        paired(game, replace(PLAIN, rows=60), _rng())
    with pytest.raises(InputError, match="penalty"):
        paired(game, replace(PLAIN, penalty=-1.0), _rng())
    with pytest.raises(InputError, match="at least 2 rows"):
        paired(game, replace(PLAIN, rows=1), _rng())
    with pytest.raises(InputError, match="width"):
        paired(game, replace(PLAIN, kernel="lime", kernel_width=0.0), _rng())
