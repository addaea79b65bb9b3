"""White-box estimators beside others in one run: counted, foreseen, stored like the rest, and said no to.

Proves tasks.stages.score.white_box.
"""

import numpy as np
import planted_plugin
import pytest
from every import every
from tiny_benchmark import explain, ilime, run_of

from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.spec import ExplainParameters

ALL = ["banzhaf", "cross_gradient", "integrated_jacobian", "activation_map", "grad_cam"]
LEAN = {
    "faithfulness": {"sample": 0},
    "pairs": {"retrieved": 0, "errors": False},
    "segmentation": {"image": {"n_segments": 4}},
    "perturbation": {"max_image_masks": 8, "max_text_masks": 16, "held_out": {"image": 8, "text": 16}},
}

FAST = {"blocks": {"image_batch": 32, "text_batch": 32}}


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin,gated_plugin")


def gated_spec(benchmark, output, **changes):
    model = {"name": "plugin", "factory": "gated_plugin:make", "device": "cpu"}
    return benchmark.spec(output, **(LEAN | {"model": model, "estimators": ALL} | changes))


@pytest.fixture(scope="module")
def finished(benchmark, tmp_path_factory):
    """The run, what its towers saw, and what the plan foresaw."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ILIME_PLUGINS", "planted_plugin,gated_plugin")
        spec = gated_spec(benchmark, tmp_path_factory.mktemp("inside"), estimation={"path_steps": 4})
        draft = draft_plan(ExplainParameters.model_validate(spec))
        encoder_of(freeze_plan(draft))
        before = dict(planted_plugin.rows)
        outcome = explain(spec)
        assert outcome.finished, outcome.failures
        seen = {name: planted_plugin.rows[name] - before[name] for name in before}
        return run_of(outcome), seen, estimate_budget(draft)


def test_towers_stages_and_plan_agree_on_the_number_of_encodes(finished):
    run, seen, budget = finished
    [row] = run.table("runs").to_pylist()
    assert budget.is_exact
    assert seen == {"image": row["image_encodes"], "text": row["text_encodes"]}
    assert seen == {"image": budget.image_encodes, "text": budget.text_encodes}
    item_fits = run.table("item_fits").to_pylist()
    images = {one["item_id"] for one in run.table("items").to_pylist() if one["modality"] == "image"}
    [n_encodes] = {one["n_encodes"] for one in item_fits if one["item_id"] == min(images)}
    # At most 8 masks and the empty item; 2 * 4 + (2 * 4 * 4 + 1) + 1 + 1 without masks.
    assert 43 < n_encodes <= 8 + 1 + 43


def test_all_of_them_explain_every_pair(finished):
    run, _, _ = finished
    pairs = {row["pair_id"] for row in run.table("pairs").to_pylist()}
    cells = run.table("interactions").to_pylist()
    assert {(row["pair_id"], row["estimator"]) for row in cells} == {
        (pair, name) for pair in pairs for name in ALL
    }
    assert {row["standard_error"] for row in cells if row["estimator"] == "integrated_jacobian"} == {0.0}
    item_fits = [row for row in run.table("item_fits").to_pylist() if row["estimator"] in ALL[1:]]
    assert not any(row["sampled"] for row in item_fits)
    assert every(row["spread_rest"] is None for row in item_fits)


def test_integrated_interactions_add_up_to_the_mixed_difference(finished):
    run, _, _ = finished
    fits = {
        row["pair_id"]: row
        for row in run.table("fits").to_pylist()
        if row["estimator"] == "integrated_jacobian"
    }
    assert fits
    for pair, fit in fits.items():
        cells = [
            row["weight"]
            for row in run.table("interactions").to_pylist()
            if (row["pair_id"], row["estimator"]) == (pair, "integrated_jacobian")
        ]
        corners = fit["f_full"] - fit["f_left_empty"] - fit["f_right_empty"] + fit["f_empty"]
        assert np.isclose(sum(cells), corners, atol=2e-3)


def test_steps_of_the_path_move_integrated_jacobians_alone(benchmark, finished, tmp_path):
    other = run_of(explain(gated_spec(benchmark, tmp_path, estimation={"path_steps": 1}, **FAST)))
    effects = [
        {
            (row["item_id"], row["estimator"], row["segment"]): row["effect"]
            for row in run.table("effects", ["item_id", "estimator", "segment", "effect"]).to_pylist()
        }
        for run in (finished[0], other)
    ]
    moved = {key[1] for key in effects[0] if not np.allclose(effects[0][key], effects[1][key], atol=1e-5)}
    assert moved == {"integrated_jacobian"}


def test_an_item_without_derivatives_fails_and_no_other(benchmark, tmp_path):
    spec = gated_spec(
        benchmark,
        tmp_path,
        model={"factory": "gated_plugin:torn"},
        estimators=["banzhaf", "cross_gradient"],
        **FAST,
        failures={"tolerate": 1.0},
    )
    run = run_of(explain(spec))
    failures = run.table("failures").to_pylist()
    texts = {row["item_id"]: row["text"] for row in run.table("items").to_pylist() if row["text"]}
    torn = {name for name, text in texts.items() if text.startswith("a ")}
    assert torn
    assert {row["item_id"] for row in failures if row["stage"] == "score"} == torn
    assert {row["reason"] for row in failures if row["stage"] == "score"} == {"non_finite"}
    explained = {row["item_id"] for row in run.table("effects").to_pylist()}
    assert set(texts) - explained == torn


@pytest.mark.slow
def test_a_model_without_gates_is_refused_in_one_line(benchmark, tmp_path):
    path = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "out", estimators=["grad_cam"], **LEAN)
    done = ilime("explain", path, home=tmp_path)
    assert done.returncode in {2, 3}
    said = done.stdout + done.stderr
    assert "estimator grad_cam needs towers with local_parts and last_layer" in " ".join(said.split())
