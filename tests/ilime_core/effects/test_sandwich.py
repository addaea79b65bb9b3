"""Leverage-corrected errors against their definition, exact cases and repeated designs."""

import numpy as np
import pytest
import torch
from scipy import stats

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.registry import ESTIMATORS, FitOptions
from ilime_core.effects.sandwich import sandwich
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.records import MaskedEmbeddings, MaskSets
from ilime_core.synthetic.planted import AttentionTower

ROWS, SEGMENTS, WIDTH = 40, 5, 6


def _regression(seed=0):
    """Masks and targets with unequal errors; the operator and the basis of their regression."""
    rng = np.random.default_rng(seed)
    masks = bernoulli_masks(SEGMENTS, ROWS, 0.7, rng)
    targets = rng.normal(size=(ROWS, WIDTH)) * rng.uniform(0.2, 2, (ROWS, 1)) * np.arange(1, WIDTH + 1)
    columns = np.column_stack([np.ones(ROWS), masks])
    return masks, targets, np.linalg.pinv(columns)[1:], np.linalg.qr(columns)[0]


def test_traces_and_the_mean_shape_are_those_of_every_effect_s_own_sandwich():
    _, targets, operator, basis = _regression()
    left = np.eye(ROWS) - basis @ basis.T
    residuals = left @ targets
    own = np.zeros((SEGMENTS, WIDTH, WIDTH))
    for segment in range(SEGMENTS):
        for row in range(ROWS):
            part = operator[segment, row] ** 2 / left[row, row]
            own[segment] += part * np.outer(residuals[row], residuals[row])
    found = sandwich(*map(torch.as_tensor, (operator, residuals, basis)))
    shape = (found.rows.mT @ found.rows).numpy()
    traces = np.trace(own, axis1=1, axis2=2)
    np.testing.assert_allclose(found.scale * np.trace(shape), traces, rtol=1e-12)
    np.testing.assert_allclose(shape / np.trace(shape), own.mean(axis=0) / traces.mean(), rtol=1e-10)
    # The shape is of one row's error, which half precision holds: here their mean square is known.
    assert np.trace(shape) == pytest.approx(np.trace(targets.T @ targets) / ROWS, rel=0.5)
    variances = np.square(residuals).sum(axis=1) / left.diagonal()
    for segment in range(SEGMENTS):
        form = np.diag(operator[segment] ** 2 / left.diagonal()) @ left @ np.diag(variances) @ left
        assert float(found.degrees[segment]) == pytest.approx(np.trace(form) ** 2 / np.trace(form @ form))


def test_errors_of_equal_rows_are_unbiased_whatever_their_leverage():
    _, _, operator, basis = _regression()
    # One column for each row's own unit error: the mean over errors is a sum over columns.
    residuals = np.eye(ROWS) - basis @ basis.T
    found = sandwich(*map(torch.as_tensor, (operator, residuals, basis)))
    claimed = found.scale.numpy() * float(found.rows.square().sum())
    np.testing.assert_allclose(claimed, np.square(operator).sum(axis=1), rtol=1e-12)


def test_a_fit_of_rows_keeps_the_sandwich_and_a_batch_is_its_items():
    masks, targets, operator, basis = _regression()
    rows, answers = torch.as_tensor(masks), torch.as_tensor(targets)
    item = fit_banzhaf(rows, answers, answers[0], answers[0], options=BanzhafOptions(p=0.7, error_rank=WIDTH))
    residuals = answers - torch.as_tensor(basis @ (basis.T @ targets))
    found = sandwich(torch.as_tensor(operator), residuals, torch.as_tensor(basis))
    torch.testing.assert_close(item.error_scale, found.scale)
    torch.testing.assert_close(item.degrees, found.degrees)
    torch.testing.assert_close(item.error.factors.mT @ item.error.factors, found.rows.mT @ found.rows)
    other = [torch.as_tensor(part) for part in _regression(1)[2:]]
    both = sandwich(
        torch.stack([torch.as_tensor(operator), other[0]]),
        torch.stack([residuals, residuals]),
        torch.stack([torch.as_tensor(basis), other[1]]),
    )
    torch.testing.assert_close(both.scale[0], found.scale)
    torch.testing.assert_close(both.degrees[0], found.degrees)


def test_a_row_that_the_fit_goes_through_has_the_error_of_the_others():
    masks, targets, _, _ = _regression()
    # Only row 0 lacks segment 0: the effect is what that row alone says of it.
    masks[:, 0] = True
    masks[0, 0] = False
    columns = np.column_stack([np.ones(ROWS), masks])
    operator, basis = np.linalg.pinv(columns)[1:], np.linalg.qr(columns)[0]
    residuals = targets - basis @ (basis.T @ targets)
    found = sandwich(*map(torch.as_tensor, (operator, residuals, basis)))
    pooled = np.square(residuals).sum() / (ROWS - SEGMENTS - 1)
    left = np.square(residuals[1:]).sum(axis=1) / (1 - np.square(basis[1:]).sum(axis=1))
    wanted = operator[0, 0] ** 2 * pooled + operator[0, 1:] ** 2 @ left
    assert float(found.scale[0] * found.rows.square().sum()) == pytest.approx(wanted)
    assert bool(found.degrees.isfinite().all())


def test_rows_without_residuals_have_no_error():
    _, _, operator, basis = _regression()
    found = sandwich(torch.as_tensor(operator), torch.zeros(ROWS, 2).double(), torch.as_tensor(basis))
    assert float(found.rows.abs().max()) == 0
    assert bool((found.scale.isfinite() & found.degrees.isfinite()).all())


def _item(tower, p, seed=None):
    rows = torch.as_tensor(
        enumerate_all(tower.n_segments)
        if seed is None
        else bernoulli_masks(tower.n_segments, 128, p, np.random.default_rng(seed))
    )
    every = slice(0, len(rows))
    sets = MaskSets({"banzhaf": every, "weighted": every}, "enumerate" if seed is None else "iid", p)
    return MaskedEmbeddings(rows, tower(rows), tower.empty, tower.full, sets)


def _effects(items, p):
    return ESTIMATORS["weighted_banzhaf"].make(items, FitOptions(weighted_p=p))


def _errors_of_equal_rows(item, partners):
    """Standard errors with one variance for all rows."""
    columns = torch.cat([torch.ones(len(item.masks), 1), item.masks], dim=1).double()
    residuals = item.embeddings - columns @ torch.linalg.lstsq(columns, item.embeddings).solution
    variances = (residuals @ partners.T).square().sum(dim=0) / (len(columns) - columns.shape[1])
    return (torch.linalg.inv(columns.T @ columns).diagonal()[1:, None] * variances).sqrt()


@pytest.mark.parametrize("p", [0.3, 0.8])
def test_intervals_cover_what_they_promise_for_all_cells_and_for_the_largest(p):
    shares = {"all": [], "largest": [], "largest, equal rows": []}
    for pair in range(12):
        tower, words = (
            AttentionTower(pair, 12, 32),
            _effects([_item(AttentionTower(100 + pair, 6, 32), p)], p),
        )
        exact = _effects([_item(tower, p)], p)[0].effects @ words[0].effects.T
        items = [_item(tower, p, seed) for seed in range(60)]
        index = torch.arange(len(items))
        fit = fit_pairs(stack_effects(_effects(items, p)), stack_effects(words), index, 0 * index)
        off = (fit.weights - exact).abs()
        reach = torch.as_tensor(stats.t.ppf(0.975, fit.errors.degrees)) * fit.errors.standard_errors
        equal = 1.96 * torch.stack([_errors_of_equal_rows(item, words[0].effects) for item in items])
        large = exact.abs() >= exact.abs().flatten().quantile(0.9)
        shares["all"].append(float((off < reach).double().mean()))
        shares["largest"].append(float((off < reach)[:, large].double().mean()))
        shares["largest, equal rows"].append(float((off < equal)[:, large].double().mean()))
    # Coverage of one pair by 60 designs deviates by .02 to .03: .008 for the mean of twelve, twice that here.
    for name in ("all", "largest"):
        assert 0.93 - 0.016 < np.mean(shares[name]) < 0.97 + 0.016, (name, shares[name])
    if p == 0.8:
        assert np.mean(shares["largest, equal rows"]) < 0.85
