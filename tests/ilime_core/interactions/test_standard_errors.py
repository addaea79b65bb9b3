import pytest
import torch

from ilime_core.effects.covariance import low_rank_covariance, quadratic_form, trace_product
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.significance import two_sided_p_values
from ilime_core.interactions.stack import stack_effects
from ilime_core.interactions.standard_errors import (
    CellVariances,
    IsotropicFacts,
    interaction_errors,
    isotropic_form,
    quadratic_forms,
    trace_products,
)
from ilime_core.records import LowRankCovariance
from ilime_core.synthetic.planted import TanhTower

ONE = torch.zeros(1, dtype=torch.long)


def _dense(covariance):
    units = torch.nn.functional.normalize(covariance.factors, dim=1)
    identity = torch.eye(units.shape[1], dtype=torch.float64)
    return covariance.factors.mT @ covariance.factors + covariance.rest * (identity - units.mT @ units)


def test_the_isotropic_form_is_the_same_matrix():
    rows = torch.randn(40, 12, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    covariance = low_rank_covariance(rows, 5)
    form = isotropic_form(covariance)
    identity = torch.eye(12, dtype=torch.float64)
    torch.testing.assert_close(form.factors.mT @ form.factors + form.rest * identity, _dense(covariance))


def test_a_factor_that_rounding_has_put_below_the_rest_becomes_zero():
    factors = torch.tensor([[2.0, 0.0, 0.0], [0.0, 0.9, 0.0]], dtype=torch.float64)
    form = isotropic_form(LowRankCovariance(factors, torch.tensor(1.0, dtype=torch.float64)))
    # By hand: 2^2 - 1 is left beside the rest along the first axis, and nothing along the second.
    expected = torch.tensor([[3.0**0.5, 0.0, 0.0], [0.0, 0.0, 0.0]], dtype=torch.float64)
    torch.testing.assert_close(form.factors, expected)


def test_forms_and_traces_equal_those_of_dense_matrices():
    generator = torch.Generator().manual_seed(1)
    rows = torch.randn(2, 40, 12, generator=generator, dtype=torch.float64)
    vectors = torch.randn(7, 12, generator=generator, dtype=torch.float64)
    covariances = low_rank_covariance(rows[0], 5), low_rank_covariance(0.1 * rows[1], 3)
    (x, y), (k, m) = map(_dense, covariances), map(isotropic_form, covariances)
    form = quadratic_forms((k.factors @ vectors.mT)[None], k.rest[None], vectors.square().sum(1)[None])
    torch.testing.assert_close(form[0], ((vectors @ x) * vectors).sum(1))
    facts = [
        IsotropicFacts(c.rest[None], c.factors.square().sum()[None], torch.tensor([True])) for c in (k, m)
    ]
    trace = trace_products((k.factors @ m.factors.mT)[None], *facts, 12)
    torch.testing.assert_close(trace[0], (x @ y).trace())


def test_errors_of_one_pair_equal_the_formula_on_dense_matrices(sampled):
    left, right = sampled(TanhTower(1, 10, 24), 128, 0), sampled(TanhTower(2, 8, 24), 128, 1)
    fit = fit_pairs(stack_effects([left]), stack_effects([right]), ONE, ONE)
    x, y = _dense(left.error), _dense(right.error)
    a, b = left.effects, right.effects
    s, t = left.error_scale[:, None], right.error_scale[None]
    of_left, of_right = s * ((b @ x) * b).sum(1)[None], t * ((a @ y) * a).sum(1)[:, None]
    product = s * t * (x @ y).trace()
    kept = of_left + of_right - torch.minimum(product, torch.minimum(of_left, of_right))
    torch.testing.assert_close(fit.errors.standard_errors[0], kept.sqrt())
    torch.testing.assert_close(fit.errors.sum_squared_error[0], (of_left + of_right - product).sum())
    z = (fit.weights[0].abs() / fit.errors.standard_errors[0]).max()
    torch.testing.assert_close(fit.errors.max_z[0], z)


def test_errors_agree_with_the_forms_of_single_covariances(sampled):
    left, right = sampled(TanhTower(1, 10, 24), 128, 0), sampled(TanhTower(2, 8, 24), 128, 1)
    fit = fit_pairs(stack_effects([left]), stack_effects([right]), ONE, ONE)
    s, t = left.error_scale[:, None], right.error_scale[None]
    of_left = s * quadratic_form(left.error, right.effects)
    of_right = t * quadratic_form(right.error, left.effects)[:, None]
    product = s * t * trace_product(left.error, right.error)
    variances = of_left + of_right - torch.minimum(product, torch.minimum(of_left, of_right))
    torch.testing.assert_close(fit.errors.standard_errors[0].square(), variances)
    intact = left.error_scale * quadratic_form(left.error, right.full[None])
    torch.testing.assert_close(fit.left.intact_standard_error[0].square(), intact)


def test_degrees_of_a_cell_are_those_of_both_items_by_the_share_of_its_error(sampled, enumerated):
    left, right = sampled(TanhTower(1, 10, 24), 128, 0), sampled(TanhTower(2, 8, 24), 64, 1)
    exact = enumerated(TanhTower(3, 4, 24))
    alone = fit_pairs(stack_effects([left]), stack_effects([exact]), ONE, ONE)
    assert bool(((left.degrees >= 21.6) & (left.degrees <= 0.75 * 54)).all())
    torch.testing.assert_close(alone.errors.degrees[0], left.degrees[:, None].expand(10, 4))
    torch.testing.assert_close(alone.left.degrees[0], left.degrees)
    assert alone.right.degrees.isnan().all()
    assert fit_pairs(stack_effects([exact]), stack_effects([exact]), ONE, ONE).errors.degrees.isnan().all()
    both = fit_pairs(stack_effects([left]), stack_effects([right]), ONE, ONE)
    x, y = _dense(left.error), _dense(right.error)
    s, t = float(left.error_scale[3]), float(right.error_scale[5])
    a, b = left.effects[3], right.effects[5]
    product = s * t * (x @ y).trace()
    of_left, of_right = s * (b @ x @ b), t * (a @ y @ a)
    total = of_left + of_right - min(product, of_left, of_right)
    wanted = total**2 / (of_left**2 / left.degrees[3] + of_right**2 / right.degrees[5])
    torch.testing.assert_close(both.errors.degrees[0, 3, 5], wanted)


def test_where_an_item_has_no_error_neither_errors_nor_degrees_nor_the_largest_z_are_known():
    cells, degrees = torch.ones(2, 1, 1, dtype=torch.float64), torch.full((2, 1), 8.0, dtype=torch.float64)
    found = interaction_errors(
        2 * cells, CellVariances(cells, 2 * cells, cells, degrees, degrees), torch.tensor([True, False])
    )
    # By hand: SE^2 = 1 + 2 - 1, never below the larger part, and 2^2 / (1^2 / 8 + 2^2 / 8) degrees.
    assert found.standard_errors[0].item() == pytest.approx(2**0.5)
    assert found.degrees[0].item() == pytest.approx(32 / 5)
    assert (found.max_z[0].item(), found.sum_squared_error[0].item()) == (pytest.approx(2**0.5), 2.0)
    for part in (found.standard_errors, found.degrees, found.max_z, found.sum_squared_error):
        assert part[1].isnan().all()


def test_variances_of_posterior_means_add_up():
    cells, degrees = torch.ones(1, 1, 1, dtype=torch.float64), torch.full((1, 1), 8.0, dtype=torch.float64)
    variances = CellVariances(cells, 2 * cells, 0.5 * cells, degrees, degrees, posterior=True)
    found = interaction_errors(2 * cells, variances, torch.tensor([True]))
    assert found.standard_errors.item() == pytest.approx(3.5**0.5)
    assert found.sum_squared_error.item() == 3.5


def test_degrees_are_those_of_the_spread_of_the_estimated_variances():
    # Chi-squared estimates of both variances, nothing compressed: 2 mean^2 / variance of SE^2 by simulation.
    generator = torch.Generator().manual_seed(0)
    dim, degrees, count = 6, (16, 40), 4000
    roots = [torch.randn(d, count, dim, generator=generator, dtype=torch.float64) for d in degrees]
    x, y = (torch.einsum("dcv,dcw->cvw", root, root) / len(root) for root in roots)
    a, b = torch.full((dim,), 0.5, dtype=torch.float64), torch.full((dim,), 0.8, dtype=torch.float64)
    product = 0.1**2 * torch.einsum("cvw,cwv->c", x, y)
    variances = CellVariances(
        0.1 * torch.einsum("v,cvw,w->c", b, x, b)[:, None, None],
        0.1 * torch.einsum("v,cvw,w->c", a, y, a)[:, None, None],
        product[:, None, None],
        torch.full((count, 1), 16.0, dtype=torch.float64),
        torch.full((count, 1), 40.0, dtype=torch.float64),
    )
    known = torch.ones(count, dtype=torch.bool)
    errors = interaction_errors(torch.ones(count, 1, 1, dtype=torch.float64), variances, known)
    squares = errors.standard_errors[:, 0, 0].square()
    simulated = 2 * squares.mean() ** 2 / squares.var()
    # The trace is known better than one direction, so the formula has rather too few.
    assert 0.7 < float(errors.degrees.mean() / simulated) < 1.0


@pytest.fixture(scope="module")
def repeated():
    """One pair fitted from 150 independent designs, with the truth beside."""
    import numpy as np

    from ilime_core.effects.banzhaf import BanzhafOptions, fit_banzhaf, fit_banzhaf_batch
    from ilime_core.perturbation.enumerate_all import enumerate_all
    from ilime_core.perturbation.foldover import foldover

    stacks, truths = [], []
    for side, (tower, n_masks) in enumerate(((TanhTower(3, 12, 32), 256), (TanhTower(4, 8, 32), 64))):
        rng = np.random.default_rng(side)
        masks = torch.as_tensor(np.stack([foldover(tower.n_segments, n_masks, rng) for _ in range(150)]))
        embeddings = torch.stack([tower(rows) for rows in masks])
        ends = [end.expand(150, -1) for end in (tower.empty, tower.full)]
        stacks.append(stack_effects(fit_banzhaf_batch(masks, embeddings, *ends)))
        every = torch.as_tensor(enumerate_all(tower.n_segments))
        exact = BanzhafOptions(enumerated=True)
        truths.append(fit_banzhaf(every, tower(every), tower.empty, tower.full, options=exact))
    index = torch.arange(150)
    fits = fit_pairs(*stacks, index, index)
    truth = fit_pairs(*(stack_effects([item]) for item in truths), ONE, ONE)
    return fits, truth


@pytest.mark.parametrize(
    "quantity",
    [
        lambda f: (f.weights, f.errors.standard_errors, f.errors.degrees),
        lambda f: (f.left.effect, f.left.standard_error, f.left.degrees),
        lambda f: (f.right.effect, f.right.standard_error, f.right.degrees),
        lambda f: (f.left.intact_effect, f.left.intact_standard_error, f.left.degrees),
        lambda f: (f.right.intact_effect, f.right.intact_standard_error, f.right.degrees),
    ],
    ids=["interactions", "left", "right", "left_intact", "right_intact"],
)
def test_standard_errors_match_repeated_designs_and_cover(repeated, quantity):
    fits, truth = repeated
    (estimates, errors, degrees), (exact, _, _) = quantity(fits), quantity(truth)
    deviations = estimates - exact
    ratio = errors.square().mean().sqrt() / deviations.square().mean().sqrt()
    assert 0.85 < ratio < 1.15
    p_values = two_sided_p_values(*(one.double().numpy() for one in (deviations, errors, degrees)))
    assert 0.92 < (p_values > 0.05).mean() < 0.97


def test_the_sum_of_squared_errors_is_unbiased(repeated):
    fits, truth = repeated
    squared = (fits.weights - truth.weights).square().sum((1, 2)).mean()
    assert fits.errors.sum_squared_error.mean() / squared == pytest.approx(1, abs=0.05)


def test_enumerated_items_have_no_error_and_no_z(enumerated):
    stack = stack_effects([enumerated(TanhTower(1, 5, 12))])
    fit = fit_pairs(stack, stack, ONE, ONE)
    assert (fit.errors.standard_errors == 0).all()
    assert fit.errors.sum_squared_error.item() == 0
    assert fit.errors.max_z.isnan().all()


def test_too_few_masks_leave_errors_unknown_but_only_where_they_matter(sampled, enumerated):
    few, exact = sampled(TanhTower(1, 8, 12), 16, 0), enumerated(TanhTower(2, 4, 12))
    assert few.error is None
    fit = fit_pairs(stack_effects([few]), stack_effects([exact]), ONE, ONE)
    assert fit.errors.standard_errors.isnan().all()
    assert fit.errors.max_z.isnan().all()
    assert fit.variance.r2_cross.isnan().all()
    assert fit.left.standard_error.isnan().all()
    assert (fit.right.standard_error == 0).all()
    assert fit.weights.isfinite().all()
