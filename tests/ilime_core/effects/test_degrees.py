import math

import numpy as np
import pytest
import torch

from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf
from ilime_core.effects.degrees import block_degrees, error_degrees, sandwich_degrees, sum_degrees
from ilime_core.effects.quadrature import shapley_interaction
from ilime_core.effects.registry import FitOptions
from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.perturbation.foldover import foldover
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.perturbation.quadrature_rows import quadrature_rows
from ilime_core.records import MaskedEmbeddings, MaskSets
from ilime_core.synthetic.planted import TanhTower

TOWER = TanhTower(1, 7, 12)


def _fit(masks, **options):
    rows = torch.as_tensor(masks)
    return fit_banzhaf(rows, TOWER(rows), TOWER.empty, TOWER.full, options=BanzhafOptions(**options))


def test_degrees_of_a_regression_are_what_its_residuals_have_left():
    rng = np.random.default_rng(0)
    masks = foldover(7, 64, rng)
    # Fold-over: 32 half-differences, 7 effects and no constant; on blocks of order 8 some of it.
    found = _fit(masks).degrees
    assert bool((found == found[0]).all())
    assert 0.4 * (32 - 7) <= float(found[0]) <= 0.75 * (32 - 7)
    assert _fit(masks, ridge=0.1).degrees.tolist() == pytest.approx(found.tolist())
    # Free rows have errors of unequal sizes: less than what 40 rows leave beside a constant and 7 effects.
    assert bool((_fit(bernoulli_masks(7, 40, 0.5, rng)).degrees < 40 - 7 - 1).all())
    assert _fit(foldover(7, 16, rng)).degrees is None
    assert _fit(enumerate_all(7), enumerated=True).degrees is None


@pytest.mark.parametrize(
    ("order", "degrees"), [(8, [8, 11.5, 15]), (16, [8, 11.5, 15]), (32, [20] * 3), (64, [20] * 3)]
)
def test_small_blocks_leave_fewer_degrees_and_more_of_what_effects_explain(order, degrees):
    explained = torch.tensor([0, 0.5, 1], dtype=torch.float64)
    assert block_degrees(32, 12, order, explained).tolist() == pytest.approx(degrees)


def test_unknown_degrees_are_told_from_those_of_known_effects():
    rng = np.random.default_rng(0)
    known = _fit(foldover(7, 64, rng))
    assert error_degrees(known).tolist() == known.degrees.tolist()
    assert error_degrees(_fit(foldover(7, 16, rng))).isnan().all()
    assert error_degrees(_fit(enumerate_all(7), enumerated=True)).isinf().all()


def test_degrees_of_a_sum_lie_between_those_of_its_parts_and_their_sum():
    variances = torch.tensor([[1.0, 1.0, 0.0, 3e-30], [0.0, 1.0, 0.0, 1e-30]])
    found = sum_degrees(variances, torch.tensor([8.0, 24.0])[:, None].expand(2, 4))
    assert found[:2].tolist() == pytest.approx([8, 4 / (1 / 8 + 1 / 24)])
    assert found[2].isnan()
    assert found[3] == pytest.approx(16 / (9 / 8 + 1 / 24))
    infinite = sum_degrees(torch.tensor([[2.0], [0.0]]), torch.tensor([[9.0], [math.inf]]))
    assert infinite.tolist() == pytest.approx([9])


def test_degrees_of_a_sandwich_are_those_of_its_quadratic_form():
    rng = np.random.default_rng(3)
    design = np.column_stack([np.ones(1500), rng.integers(0, 2, (1500, 4))])
    basis = np.linalg.qr(design)[0]
    residual = np.eye(1500) - basis @ basis.T
    # Equal weights: the residual degrees of freedom.
    weights = np.column_stack([np.ones(1500), rng.random(1500) ** 6])
    found = sandwich_degrees(torch.as_tensor(weights), torch.as_tensor(basis))
    form = residual @ np.diag(weights[:, 1]) @ residual
    wanted = np.trace(form) ** 2 / np.einsum("rs,sr", form, form)
    assert found.tolist() == pytest.approx([1500 - 5, wanted])
    # Errors of unequal variance.
    variances = rng.random(1500) ** 3
    found = sandwich_degrees(*map(torch.as_tensor, (weights, basis, variances)))
    spread = residual @ np.diag(variances) @ residual
    forms = [weight[:, None] * spread for weight in weights.T]
    assert found.tolist() == pytest.approx(
        [np.trace(form) ** 2 / np.einsum("rs,sr", form, form) for form in forms]
    )


def test_of_many_rows_the_diagonal_is_enough():
    generator = torch.Generator().manual_seed(0)
    rows = torch.randn(5000, 8, generator=generator, dtype=torch.float64)
    weights = torch.rand(5000, 3, generator=generator, dtype=torch.float64) ** 2
    basis = torch.linalg.qr(rows).Q
    left = torch.eye(5000, dtype=torch.float64) - basis @ basis.mT
    forms = [weight[:, None] * left for weight in weights.mT]
    wanted = [float(form.trace() ** 2 / (form * form.mT).sum()) for form in forms]
    assert sandwich_degrees(weights, basis).tolist() == pytest.approx(wanted, rel=8 / 5000)


def test_quadrature_has_the_degrees_of_all_its_designs():
    rows = torch.as_tensor(quadrature_rows(7, 400, 4, np.random.default_rng(0)))
    sets = MaskSets({"quadrature": slice(0, len(rows))}, "quadrature", 0.5)
    item = MaskedEmbeddings(rows, TOWER(rows), TOWER.empty, TOWER.full, sets)
    [effects] = shapley_interaction([item], FitOptions(quadrature_nodes=4))
    # Two designs of 100 rows. Equal errors leave 55 of them to p = .33 and .67, and 7 to p = .07 and .93.
    assert bool(((effects.degrees > 5) & (effects.degrees < 55 + 7)).all())
