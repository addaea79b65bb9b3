"""Sampled pairs explained from read-outs of two embeddings, from the spec to the tables.

Proves tasks.stages.fit_opaque.candidates and tasks.stages.fit_opaque.embedded_games.
"""

import numpy as np
import planted_plugin
import pyarrow.compute as pc
import pytest
from every import every
from opaque_runs import POSITIVES, READ_OUT, cells, counts_of, finished, problems

from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.spec import ExplainParameters
from tasks.stages.fit_opaque.budget import estimate_opaque


def test_a_grid_of_cosines_is_the_product_of_effects_and_costs_no_encode(benchmark, tmp_path):
    change = READ_OUT | {"opaque": {"sample": 5}}
    both = finished(benchmark.spec(tmp_path / "a", estimators=["banzhaf", "grid"], **change))
    alone = finished(benchmark.spec(tmp_path / "b", estimators=["banzhaf"], **READ_OUT))
    assert counts_of(both) == counts_of(alone)
    grid, banzhaf = cells(both, "grid"), cells(both, "banzhaf")
    assert len({pair for pair, _, _ in grid}) == 5
    assert max(abs(grid[key] - banzhaf[key]) for key in grid) < 1e-6
    fits = {(row["pair_id"], row["estimator"]): row for row in both.table("fits").to_pylist()}
    for pair in {pair for pair, _, _ in grid}:
        one, other = fits[pair, "grid"], fits[pair, "banzhaf"]
        assert one["r2_cross_held_out"] == pytest.approx(other["r2_cross_held_out"], abs=1e-4)
        assert one["f_full"] == pytest.approx(other["f_full"], abs=1e-6)
    assert problems(both) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"scorer": "cosine"}, {"scorer": "sigmoid", "scale": 10.0}),
        ({"scorer": "sigmoid", "scale": 10.0}, {"scorer": "sigmoid", "scale": 20.0}),
        ({"scorer": "sigmoid", "scale": 10.0}, {"scorer": "sigmoid", "scale": 10.0, "bias": -1.0}),
        ({"scorer": "sigmoid", "scale": 10.0}, {"scorer": "softmax", "scale": 10.0}),
        ({"scorer": "softmax", "scale": 10.0}, {"scorer": "softmax", "scale": 10.0, "candidates": 2}),
        (
            {"scorer": "softmax", "scale": 10.0},
            {"scorer": "softmax", "scale": 10.0, "direction": "right_to_left"},
        ),
    ],
    ids=["scorer", "scale", "bias", "softmax", "candidates", "direction"],
)
def test_another_read_out_is_another_run_with_other_weights(benchmark, tmp_path, one, other):
    change = READ_OUT | {"estimators": ["grid"]}
    runs = [
        finished(benchmark.spec(tmp_path, **change, opaque={"sample": 2, **section}))
        for section in (one, other)
    ]
    assert runs[0].run_id != runs[1].run_id
    first, second = (cells(run, "grid") for run in runs)
    assert first.keys() == second.keys()
    assert max(abs(first[key] - second[key]) for key in first) > 1e-4


def test_a_softmax_is_a_share_among_the_best_candidates(benchmark, tmp_path):
    change = READ_OUT | {"opaque": {"scorer": "softmax", "scale": 5.0, "candidates": 3, "sample": 4}}
    run = finished(benchmark.spec(tmp_path, estimators=["grid"], **change))
    items = {row["item_id"]: np.array(row["embedding"]) for row in run.table("items").to_pylist()}
    pairs = {row["pair_id"]: row for row in run.table("pairs").to_pylist()}
    ranked = {}
    for row in run.table("rankings").sort_by("rank").to_pylist():
        if row["direction"] == "left_to_right":
            ranked.setdefault(row["query_id"], []).append(row["candidate_id"])
    for row in run.table("fits").to_pylist():
        left, right = pairs[row["pair_id"]]["left_id"], pairs[row["pair_id"]]["right_id"]
        rivals = [name for name in ranked[left] if name != right][:2]
        logits = np.array([5.0 * items[left] @ items[name] for name in (right, *rivals)])
        assert row["f_full"] == pytest.approx(np.exp(logits[0]) / np.exp(logits).sum(), abs=1e-5)


@pytest.mark.parametrize(
    "estimators", [["banzhaf", "paired"], ["paired", "linear_lime"]], ids=["both", "pairs"]
)
def test_a_read_out_encodes_what_was_foreseen(benchmark, tmp_path, estimators):
    opaque = {"rows": 60, "sample": 50}
    whole = {"image_encodes": 100_000}  # what pairs share is shared within a block
    spec = benchmark.spec(tmp_path, estimators=estimators, **READ_OUT, opaque=opaque, blocks=whole)
    draft = draft_plan(ExplainParameters.model_validate(spec))
    encoder_of(freeze_plan(draft))  # the check of a plugin's contract encodes, too
    before = dict(planted_plugin.rows)
    run = finished(spec)
    seen = {name: planted_plugin.rows[name] - before[name] for name in before}
    budget, further = estimate_budget(draft), estimate_opaque(draft)
    assert budget.is_exact
    assert further.is_exact
    assert further.n_pairs == 8
    assert further.image_encodes > 0
    assert seen == {
        "image": budget.image_encodes + further.image_encodes,
        "text": budget.text_encodes + further.text_encodes,
    }
    assert counts_of(run) == {"image_encodes": seen["image"], "text_encodes": seen["text"], "scores": 0}


def test_estimators_of_the_first_order_are_measured_as_if_w_were_zero(benchmark, tmp_path):
    change = {
        "pairs": POSITIVES,
        "estimators": ["banzhaf", "linear_lime"],
        "opaque": {"sample": 3, "rows": 80},
    }
    run = finished(benchmark.spec(tmp_path, **change))
    orders = pc.field("metric").isin(["insertion", "deletion", "aid"])
    rows = run.table("faithfulness", filter=(pc.field("estimator") == "linear_lime") & orders).to_pylist()
    values = {}
    for row in rows:
        key = row["pair_id"], row["metric"], row["mode"], row["side"], row["axis"]
        values.setdefault(key, {})[row["control"]] = row["value"]
    assert len({key[0] for key in values}) == 3  # what is measured is what was explained
    assert every(found["explanation"] == found["main_effects"] for found in values.values())
    banzhaf = [row for row in run.table("faithfulness").to_pylist() if row["estimator"] == "banzhaf"]
    assert any(row["control"] == "interactions" and row["value"] != 0 for row in banzhaf)


@pytest.mark.slow
def test_adding_an_estimator_of_pairs_reuses_every_encode(benchmark, tmp_path):
    first = finished(benchmark.spec(tmp_path, estimators=["banzhaf"], **READ_OUT))
    second = finished(
        benchmark.spec(tmp_path, estimators=["banzhaf", "grid"], **READ_OUT, opaque={"sample": 2})
    )
    assert first.run_id != second.run_id
    facts = [commit.facts for commit in second.commits()["score"].values()]
    assert sum(one.counts.encodes for one in facts) == 0
    grid, banzhaf = cells(second, "grid"), cells(second, "banzhaf")
    assert max(abs(grid[key] - banzhaf[key]) for key in grid) < 1e-5  # encoded again, in other batches
