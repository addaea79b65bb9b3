"""Every column of the tables of fit holds the field of its name, without padding."""

from itertools import combinations

import numpy as np
import pytest
import torch
from scipy import stats

from ilime_core.effects.banzhaf import fit_banzhaf
from ilime_core.interactions.pair_fits import fit_pairs
from ilime_core.interactions.stack import stack_effects
from ilime_core.perturbation.foldover import foldover
from ilime_core.synthetic.planted import TanhTower
from tasks.stages.fit.tables import (
    FittedPairs,
    factor_table,
    fit_table,
    interaction_table,
    main_effect_table,
    significance_of,
)

SIZES = ((5, 4), (3, 6))
KEYS = {"pair_id", "estimator", "side", "segment", "left_segment", "right_segment", "component"}


def stack(side):
    """Two items of one side, a pair's each."""
    effects = []
    for seed, sizes in enumerate(SIZES):
        tower = TanhTower(10 * side + seed, sizes[side], 6)
        masks = torch.from_numpy(foldover(sizes[side], 64, np.random.default_rng(seed)))
        effects.append(fit_banzhaf(masks, tower(masks), tower.empty, tower.full))
    return stack_effects(effects)


@pytest.fixture(scope="module")
def fitted():
    both = torch.tensor([0, 1])
    fits = fit_pairs(stack(0), stack(1), both, both)
    significance = significance_of(fits, "banzhaf")
    return FittedPairs(
        np.array(["pa", "pb"], dtype=object), "banzhaf", fits, significance, np.array([0.25, 0.5])
    )


def compare(table, wanted):
    """Columns against values by name; no two are alike, or a swap of them would not be seen."""
    columns = {name: table[name].to_numpy().astype(np.float64) for name in wanted}
    for name, values in columns.items():
        np.testing.assert_allclose(values, wanted[name], rtol=1e-6, err_msg=name)
    for one, other in combinations(columns, 2):
        if not (np.isnan(columns[one]).all() or np.isnan(columns[other]).all()):
            assert not np.allclose(columns[one], columns[other], equal_nan=True), (one, other)


def test_fits(fitted):
    fits, table = fitted.fits, fit_table(fitted)
    wanted = {
        "r2_cross_held_out": [0.25, 0.5],
        "p_none": fitted.significance.smallest_adjusted,
        "share_certain": fitted.significance.share,
    }
    for name in set(table.column_names) - KEYS - {*wanted, "penalty"}:
        [owner] = [one for one in (fits, fits.variance, fits.errors, fits.factors) if hasattr(one, name)]
        wanted[name] = getattr(owner, name).numpy()
    del wanted["split_half_error"]  # unknown of banzhaf
    assert table["pair_id"].to_pylist() == ["pa", "pb"]
    compare(table, wanted)


@pytest.mark.parametrize("side", ["left", "right"])
def test_main_effects(fitted, side):
    table = main_effect_table(fitted)
    rows = table.filter(np.array(table["side"].to_pylist()) == side)
    counts = [sizes[("left", "right").index(side)] for sizes in SIZES]
    places = [(pair, segment) for pair, count in enumerate(counts) for segment in range(count)]
    assert rows["pair_id"].to_pylist() == ["pa"] * counts[0] + ["pb"] * counts[1]
    assert rows["segment"].to_pylist() == [segment for _, segment in places]
    effects = getattr(fitted.fits, side)
    tested = {"intact_p_value", "intact_half_width"}
    names = set(table.column_names) - KEYS - {"degrees"} - tested
    compare(rows, {name: [getattr(effects, name)[place].item() for place in places] for name in names})
    degrees = np.array([effects.degrees[place].item() for place in places])
    assert rows["degrees"].to_pylist() == pytest.approx(degrees)
    effect, error = (rows[name].to_numpy() for name in ("intact_effect", "intact_standard_error"))
    assert rows["intact_p_value"].to_numpy() == pytest.approx(2 * stats.t.sf(abs(effect / error), degrees))
    assert rows["intact_half_width"].to_numpy() == pytest.approx(stats.t.ppf(0.975, degrees) * error)


def test_interactions(fitted):
    table = interaction_table(fitted)
    places = [(pair, i, j) for pair, (n, m) in enumerate(SIZES) for i in range(n) for j in range(m)]
    assert table["left_segment"].to_pylist() == [i for _, i, _ in places]
    assert table["right_segment"].to_pylist() == [j for _, _, j in places]
    errors = fitted.fits.errors
    parts = {
        "weight": fitted.fits.weights,
        "standard_error": errors.standard_errors,
        "degrees": errors.degrees,
        "p_value": fitted.significance.p_values,
        "p_adjusted": fitted.significance.adjusted,
    }
    compare(table, {name: [part[place].item() for place in places] for name, part in parts.items()})


def test_factors(fitted):
    table, factors = factor_table(fitted), fitted.fits.factors
    places = [(pair, component) for pair, sizes in enumerate(SIZES) for component in range(min(sizes))]
    assert table["component"].to_pylist() == [component + 1 for _, component in places]
    fields = {"strength": "strengths", "energy": "energy", "gap": "gap", "sign_margin": "sign_margin"}
    compare(
        table,
        {name: [getattr(factors, field)[place].item() for place in places] for name, field in fields.items()},
    )
    for side, name in enumerate(("left", "right")):
        for found, (pair, component) in zip(table[f"{name}_vector"].to_pylist(), places, strict=True):
            vector = getattr(factors, f"{name}_vectors")[pair, component, : SIZES[pair][side]]
            assert found == pytest.approx(vector.tolist())


def test_errors_that_leave_something_out_test_no_weight(fitted):
    tested, untested = (significance_of(fitted.fits, name) for name in ("banzhaf", "shapley_interaction"))
    n_cells = sum(n * m for n, m in SIZES)
    assert np.isfinite(tested.p_values).sum() == n_cells
    assert np.isfinite(tested.share).all()
    for values in (untested.p_values, untested.smallest_adjusted, untested.share):
        assert np.isnan(values).all()
