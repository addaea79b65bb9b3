"""Runs with every estimator that reads encoded masks: their rows are counted, told and fitted."""

import numpy as np
import planted_plugin
import pytest
from every import every
from tiny_benchmark import explain, run_of

from ilime_core.effects.registry import ESTIMATORS
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.spec import ExplainParameters

QUADRATURE = ("shapley_interaction", "shapley_taylor", "faith_shap")
EVERY = list(ESTIMATORS.names)
SAMPLED = {
    "estimators": EVERY,
    "segmentation": {"image": {"n_segments": 16}},
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0, "errors": False},
    "corpus": {"limit": 2},
    "perturbation": {"max_image_masks": 64, "max_text_masks": 64, "shapley_image_masks": 32},
    "estimation": {"quadrature_image_masks": 64, "weighted_image_masks": 64},
}


def counted(spec):
    parameters = ExplainParameters.model_validate(spec)
    draft = draft_plan(parameters)
    encoder_of(freeze_plan(draft))
    before = dict(planted_plugin.rows)
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    seen = {name: planted_plugin.rows[name] - before[name] for name in before}
    return seen, estimate_budget(draft), run_of(outcome)


@pytest.fixture(scope="module")
def everything(benchmark, tmp_path_factory):
    return counted(benchmark.spec(tmp_path_factory.mktemp("every"), **SAMPLED))


def test_towers_see_what_is_counted_and_at_most_what_was_planned(everything):
    seen, budget, run = everything
    [row] = run.table("runs").to_pylist()
    assert seen == {"image": row["image_encodes"], "text": row["text_encodes"]}
    assert seen["text"] == budget.text_encodes
    assert 0.98 * budget.image_encodes < seen["image"] <= budget.image_encodes
    assert not budget.is_exact
    item_fits = run.table("item_fits").to_pylist()
    assert {one["estimator"] for one in item_fits} == set(EVERY)


def test_without_windows_the_plan_is_exact(benchmark, tmp_path):
    estimators = [name for name in EVERY if name != "sliding_block_occlusion"]
    seen, budget, _ = counted(benchmark.spec(tmp_path, **(SAMPLED | {"estimators": estimators})))
    assert budget.is_exact
    assert seen == {"image": budget.image_encodes, "text": budget.text_encodes}


def test_corners_agree_and_complete_effects_sum_to_them(everything):
    _, _, run = everything
    fits = run.table("fits").to_pylist()
    by_pair = {}
    for row in fits:
        by_pair.setdefault(row["pair_id"], {})[row["estimator"]] = row
    for rows in by_pair.values():
        assert rows.keys() == set(EVERY)
        for corner in ("f_full", "f_empty", "f_left_empty", "f_right_empty"):
            assert np.ptp([row[corner] for row in rows.values()]) < 1e-5
        for name in ("product_shapley", "kernel_shap"):
            assert abs(rows[name]["completeness_residual"]) < 1e-5
        held_out = [rows[name]["r2_cross_held_out"] for name in ("banzhaf", *QUADRATURE)]
        assert min(held_out) > 0


def test_nothing_is_tested_with_errors_that_leave_the_quadrature_out(everything):
    _, _, run = everything
    cells, fits = run.table("interactions").to_pylist(), run.table("fits").to_pylist()
    for name in ("banzhaf", "weighted_banzhaf", *QUADRATURE):
        drawn = [row for row in cells if row["estimator"] == name and row["degrees"] is not None]
        assert drawn
        assert every(row["standard_error"] > 0 for row in drawn)
        untested = {row["p_value"] is None for row in drawn}
        unknown = {row["share_certain"] is None for row in fits if row["estimator"] == name}
        assert untested == unknown == {name in QUADRATURE}
    assert {row["p_none"] is None for row in fits if row["estimator"] in QUADRATURE} == {True}


def test_the_intact_effects_of_shapley_methods_sum_to_the_search_score(everything):
    _, _, run = everything
    fits = {row["pair_id"]: row for row in run.table("fits").to_pylist() if row["estimator"] == "banzhaf"}
    sums = {}
    for row in run.table("main_effects").to_pylist():
        key = row["estimator"], row["pair_id"]
        if row["side"] == "left":
            sums[key] = sums.get(key, 0.0) + row["intact_effect"]
    for pair, fit in fits.items():
        whole = fit["f_full"] - fit["f_left_empty"]
        for name, tolerance in (
            ("kernel_shap", 1e-5),
            ("product_shapley", 1e-5),
            ("shapley_interaction", 0.1),
        ):
            assert abs(sums[name, pair] - whole) < tolerance
