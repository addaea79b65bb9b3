from dataclasses import replace

import numpy as np
import pytest
import torch

from ilime_core.errors import InputError
from ilime_core.opaque.joint_rows import draw_joint_rows, lime_weights, merged_rows
from ilime_core.opaque.leave_one_out import PENALTIES, chosen_penalty, prediction_errors
from ilime_core.opaque.paired import paired, paired_pure
from ilime_core.opaque.planted import PlantedPairGame
from ilime_core.opaque.shrinkage import regress
from ilime_core.pair_records import PairFitOptions

PENALTIES_OF_TEST = (0.01, 1.0, 30.0)


def _rng(seed=0):
    return np.random.default_rng(seed)


def _problem(rows, columns):
    rng = _rng(3)
    design = (rng.random((rows, columns)) < 0.5).astype(float)
    scores = design @ rng.standard_normal(columns) + 2.0 + rng.standard_normal(rows)
    return design, scores, rng.random(rows) + 0.1


def _refits(design, scores, weights, penalty, *, intercept, n_free=0):
    """Weighted squared errors of predicting each row from a ridge on all the others."""
    total, free = 0.0, np.arange(design.shape[1]) < n_free
    for left_out in range(len(scores)):
        kept = np.arange(len(scores)) != left_out
        share = weights[kept] / weights[kept].sum() * intercept
        centre, level = share @ design[kept], share @ scores[kept]
        rows = weights[kept, None] * (design[kept] - centre)
        gram = rows.T @ (design[kept] - centre) + np.diag(np.where(free, 0.0, penalty))
        predicted = level + (design[left_out] - centre) @ np.linalg.solve(
            gram, rows.T @ (scores[kept] - level)
        )
        total += weights[left_out] * (scores[left_out] - predicted) ** 2
    return total


@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("rows", "columns"), [(30, 7), (20, 20), (15, 40)])
def test_prediction_errors_are_those_of_refits_without_each_row(rows, columns, intercept):
    design, scores, weights = _problem(rows, columns)
    share = weights / weights.sum() * intercept
    root = np.sqrt(weights)
    centred = root[:, None] * (design - share @ design), root * (scores - share @ scores)
    found = prediction_errors(
        *map(torch.from_numpy, (*centred, share)), torch.tensor(PENALTIES_OF_TEST).double()
    )
    expected = [_refits(design, scores, weights, one, intercept=intercept) for one in PENALTIES_OF_TEST]
    np.testing.assert_allclose(found, expected, rtol=1e-6)


@pytest.mark.parametrize(("rows", "columns"), [(30, 7), (35, 40)])
def test_the_penalty_is_the_candidate_whose_refits_predict_best(rows, columns):
    design, scores, weights = _problem(rows, columns)
    found = regress(*map(torch.from_numpy, (design, scores, weights)), PairFitOptions(penalty="auto"))
    candidates = np.array(PENALTIES) * weights.sum()
    refitted = [_refits(design, scores, weights, one, intercept=True) for one in candidates]
    assert 0 < np.argmin(refitted) < len(candidates) - 1
    assert found.penalty == pytest.approx(candidates[np.argmin(refitted)])
    fixed = regress(*map(torch.from_numpy, (design, scores, weights)), PairFitOptions(penalty=found.penalty))
    torch.testing.assert_close(found.coefficients, fixed.coefficients, rtol=1e-6, atol=1e-9)
    assert found.intercept == pytest.approx(fixed.intercept)
    assert found.errors is None


class _Steeper:
    """Another game with 50 more for every left segment."""

    def __init__(self, game):
        self.game, self.n_left, self.n_right = game, game.n_left, game.n_right

    def score(self, left, right):
        return self.game.score(left, right) + 50 * left.double().sum(1)

    def grid(self, left, right):
        return self.game.grid(left, right) + 50 * left.double().sum(1)[:, None]


@pytest.mark.parametrize(("rows", "columns"), [(30, 9), (35, 40)])
def test_free_columns_are_free_in_every_refit(rows, columns):
    design, scores, weights = _problem(rows, columns)
    candidates = np.array(PENALTIES) * weights.sum()
    refitted = [_refits(design, scores, weights, one, intercept=True, n_free=4) for one in candidates]
    found = regress(*map(torch.from_numpy, (design, scores, weights)), PairFitOptions(), n_free=4)
    assert found.penalty == pytest.approx(candidates[np.argmin(refitted)])
    full = np.column_stack([np.ones(rows), design])
    shrunk = np.diag(np.where(np.arange(columns + 1) < 5, 0.0, found.penalty))
    solution = np.linalg.solve(full.T @ (weights[:, None] * full) + shrunk, full.T @ (weights * scores))
    np.testing.assert_allclose(np.append(found.intercept, found.coefficients), solution, rtol=1e-6, atol=1e-9)


def test_main_effects_of_any_size_leave_the_interactions_alone():
    game = PlantedPairGame(2, 9, 8, link=torch.tanh, noise=0.2)
    options = PairFitOptions(rows=150, held_out=0)
    quiet, loud = (paired(one, options, _rng()) for one in (game, _Steeper(game)))
    assert loud.penalty == pytest.approx(quiet.penalty)
    torch.testing.assert_close(loud.weights, quiet.weights, rtol=0, atol=1e-8)
    torch.testing.assert_close(loud.left.raw, quiet.left.raw + 50, rtol=0, atol=1e-8)


def test_few_rows_have_a_penalty_on_main_effects_too():
    design, scores, weights = map(torch.from_numpy, _problem(9, 12))
    free, none = (regress(design, scores, weights, PairFitOptions(), n_free=n) for n in (4, 0))
    assert torch.equal(free.coefficients, none.coefficients)
    enough = regress(design, scores, weights, PairFitOptions(), n_free=3)
    assert not torch.allclose(enough.coefficients, none.coefficients)


def test_answers_that_do_not_vary_get_the_largest_penalty():
    design, scores, weights = _problem(30, 7)
    rows = map(torch.from_numpy, (design, np.full_like(scores, 0.3), weights))
    assert regress(*rows, PairFitOptions()).penalty == pytest.approx(PENALTIES[-1] * weights.sum())


def test_a_coalition_that_was_drawn_twice_does_not_predict_itself():
    game = PlantedPairGame(1, 3, 3, link=torch.sigmoid, noise=0.3)
    options = PairFitOptions(rows=60)
    drawn = draw_joint_rows(3, 3, options, _rng())
    once = merged_rows(drawn)
    joint = torch.cat([once.left, once.right], dim=1)
    assert len(joint.unique(dim=0)) == len(joint) < 60
    times = [int((torch.cat([drawn.left, drawn.right], 1) == row).all(1).sum()) for row in joint]
    assert once.weights.tolist() == times

    z, w = once.left.double(), once.right.double()
    design = torch.cat([z, w, (z[:, :, None] * w[:, None]).flatten(1)], dim=1).numpy()
    scores = game.score(once.left, once.right).numpy()
    refitted = [
        _refits(design, scores, once.weights.numpy(), one * 60, intercept=True, n_free=6) for one in PENALTIES
    ]
    found = paired(game, options, _rng())
    assert found.penalty == pytest.approx(60 * PENALTIES[int(np.argmin(refitted))])
    z, w = drawn.left.double(), drawn.right.double()
    design = torch.cat([z, w, (z[:, :, None] * w[:, None]).flatten(1)], dim=1)
    answers = game.score(drawn.left, drawn.right)
    assert regress(design, answers, drawn.weights, PairFitOptions(), n_free=6).penalty < found.penalty


@pytest.mark.parametrize("estimator", [paired, paired_pure])
def test_the_choice_moves_the_surrogate_and_predicts_better_than_a_fixed_penalty(estimator):
    game = PlantedPairGame(2, 9, 8, link=lambda form: torch.sin(2 * form), noise=0.5)
    automatic, fixed = (
        estimator(game, PairFitOptions(rows=150, penalty=penalty, held_out=60), _rng())
        for penalty in ("auto", 1.0)
    )
    assert fixed.penalty == 1
    assert automatic.penalty > 1
    assert automatic.r2_total > fixed.r2_total + 0.5
    assert automatic.r2_cross > fixed.r2_cross + 0.2
    assert automatic.n_scores == fixed.n_scores


def test_the_kernel_weighs_what_is_left_out():
    game = PlantedPairGame(3, 6, 5, link=torch.sigmoid, noise=0.1)
    options = PairFitOptions(rows=80, kernel="lime", kernel_width=0.12)
    rows = merged_rows(draw_joint_rows(6, 5, options, _rng()))
    weights = (rows.weights * lime_weights(rows, 0.12)).numpy()
    z, w = rows.left.double(), rows.right.double()
    design = torch.cat([z, w, (z[:, :, None] * w[:, None]).flatten(1)], dim=1).numpy()
    scores = game.score(rows.left, rows.right).numpy()
    refitted = [
        _refits(design, scores, weights, one * weights.sum(), intercept=True, n_free=11) for one in PENALTIES
    ]
    found = paired(game, options, _rng())
    assert found.penalty == pytest.approx(weights.sum() * PENALTIES[int(np.argmin(refitted))])
    assert found.penalty / weights.sum() != pytest.approx(
        paired(game, replace(options, kernel="none"), _rng()).penalty / 80
    )


def test_all_joint_coalitions_leave_nothing_to_foresee():
    game = PlantedPairGame(3, 5, 3, link=torch.sigmoid)
    found, plain = (paired(game, PairFitOptions(penalty=penalty), _rng()) for penalty in ("auto", 0.0))
    assert found.penalty == 0
    assert torch.equal(found.weights, plain.weights)
    assert found.weight_errors.abs().max() == 0
    weighted = paired(game, PairFitOptions(kernel="lime"), _rng())
    assert weighted.penalty > 0
    assert weighted.weight_errors is None


def test_a_lasso_has_no_automatic_penalty():
    with pytest.raises(InputError, match="not of a lasso"):
        paired(PlantedPairGame(0, 6, 4), PairFitOptions(regression="lasso"), _rng())


def test_of_penalties_that_foresee_as_well_the_largest_is_chosen():
    """Columns that do not vary leave every penalty the same errors."""
    answers, constant = torch.tensor([1.0, -1.0, 2.0, -2.0]).double(), torch.full((4,), 0.25).double()
    nothing = torch.zeros(4, 2, dtype=torch.float64)
    assert chosen_penalty(nothing, answers, constant, 4.0, 0.0) == pytest.approx(4 * PENALTIES[-1])
