import numpy as np
import pytest
import torch
from sklearn.linear_model import Lasso, Ridge

from ilime_core.opaque.shrinkage import regress
from ilime_core.pair_records import PairFitOptions


def _problem(rows=60, columns=8, seed=0):
    rng = np.random.default_rng(seed)
    design = rng.random((rows, columns)) < 0.5
    scores = design @ rng.standard_normal(columns) + 2.0 + 0.3 * rng.standard_normal(rows)
    return design.astype(float), scores, rng.random(rows) + 0.1


@pytest.mark.parametrize("rows", [60, 6])
@pytest.mark.parametrize("intercept", [True, False])
@pytest.mark.parametrize(("kind", "model"), [("ridge", Ridge), ("lasso", Lasso)])
@pytest.mark.parametrize("alpha", [0.03, 0.5])
def test_penalties_mean_what_they_mean_in_scikit_learn(kind, model, alpha, intercept, rows):
    design, scores, weights = _problem(rows)
    reference = model(alpha=alpha, fit_intercept=intercept, **({"tol": 1e-10} if kind == "lasso" else {}))
    reference.fit(design, scores, sample_weight=weights)
    options = PairFitOptions(regression=kind, penalty=alpha)
    found = regress(*map(torch.from_numpy, (design, scores, weights)), options, intercept=intercept)
    np.testing.assert_allclose(found.coefficients, reference.coef_, atol=1e-6)
    assert found.intercept == pytest.approx(float(reference.intercept_), abs=1e-6)
    assert found.errors is None
    assert found.penalty == alpha


def test_errors_are_the_leverage_corrected_sandwich():
    design, scores, _ = _problem()
    ones = np.ones(len(scores))
    found = regress(*map(torch.from_numpy, (design, scores, ones)), PairFitOptions(penalty=0.0))
    full = np.column_stack([ones, design])
    bread = np.linalg.inv(full.T @ full)
    residuals = scores - full @ (bread @ full.T @ scores)
    residuals /= 1 - np.einsum("ki,ij,kj->k", full, bread, full)
    sandwich = bread @ (full.T * residuals**2) @ full @ bread
    np.testing.assert_allclose(found.errors, np.sqrt(np.diag(sandwich))[1:], rtol=1e-10)


def test_few_rows_have_no_errors():
    design, scores, weights = _problem(rows=14, columns=6)
    rows = map(torch.from_numpy, (design, scores, weights))
    assert regress(*rows, PairFitOptions(penalty=0.0)).errors is None
