"""Sampled pairs explained from their own scores, from the spec to the tables.

Proves tasks.process.scorers, tasks.stages.fit.commits, tasks.stages.fit_opaque.budget,
tasks.stages.fit_opaque.candidates, tasks.stages.fit_opaque.embedded_games,
tasks.stages.fit_opaque.fit_opaque, tasks.stages.fit_opaque.pair_games, tasks.stages.fit_opaque.pair_inputs,
tasks.stages.fit_opaque.tables, tasks.stages.match.opaque_blocks.
"""

import numpy as np
import planted_plugin
import planted_scorer
import pyarrow.compute as pc
import pytest
from every import every
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.models import encoder_of
from tasks.process.scorers import scorer_of
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.plan import OpenRun
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters
from tasks.stages.fit_opaque.budget import estimate_opaque

POSITIVES = {"errors": False, "retrieved": 0}
READ_OUT = {"faithfulness": {"sample": 0}, "pairs": POSITIVES}
SCORED = {
    "estimators": ["grid", "linear_lime", "kernel_shapley_taylor"],
    "opaque": {
        "scorer": "plugin",
        "factory": "planted_scorer:make",
        "image_masks": 16,
        "text_masks": 8,
        "held_out": 4,
        "rows": 40,
        "sample": 3,
    },
    "faithfulness": {"sample": 0},
    "pairs": POSITIVES,
    "blocks": {"image_encodes": 700, "image_batch": 16},
}


@pytest.fixture(scope="module", autouse=True)
def allowed():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ILIME_PLUGINS", "planted_plugin,planted_scorer")
        yield


@pytest.fixture(scope="module")
def scored(benchmark, tmp_path_factory):
    """A finished inline run of three pairs under a scorer with a model of its own; only to be read."""
    return finished(benchmark.spec(tmp_path_factory.mktemp("scored"), **SCORED))


def finished(spec):
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    return run_of(outcome)


def counts_of(run):
    [row] = run.table("runs", ["image_encodes", "text_encodes", "scores"]).to_pylist()
    return row


def cells(run, estimator):
    return {
        (row["pair_id"], row["left_segment"], row["right_segment"]): row["weight"]
        for row in run.table("interactions").to_pylist()
        if row["estimator"] == estimator
    }


def problems(run):
    return verify_run(run.storage, run.run_id, expected_blocks(OpenRun(run.root, run.run_id)))


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


def test_scores_foreseen_are_scores_made_and_counted(benchmark, tmp_path):
    few = {"image_masks": 4, "text_masks": 4, "held_out": 2, "rows": 10}
    one_row = {"opaque": SCORED["opaque"] | few | {"sample": 8}, "blocks": {"image_batch": 1}}
    estimators = {"estimators": ["grid", "linear_lime"], "segmentation": {"image": {"n_segments": 4}}}
    spec = benchmark.spec(tmp_path, **SCORED | one_row | estimators)
    draft = draft_plan(ExplainParameters.model_validate(spec))
    scorer_of(freeze_plan(draft))  # the check of its contract scores, too
    before = planted_scorer.counts["rows"]
    run = finished(spec)
    made = planted_scorer.counts["rows"] - before
    foreseen = estimate_opaque(draft)
    assert foreseen.is_exact
    assert foreseen.n_pairs == 8
    assert made == foreseen.scores == counts_of(run)["scores"]
    assert counts_of(run) == {"image_encodes": 4, "text_encodes": 8, "scores": made}  # whole items alone
    [execution] = run.table("executions").to_pylist()
    assert execution["scores"] == made
    assert estimate_budget(draft).is_exact
    assert estimate_budget(draft).image_encodes == 4


def test_every_estimator_of_pairs_fills_its_tables(scored):
    ids = set(scored.table("fits")["pair_id"].to_pylist())
    assert len(ids) == 3
    rows = {
        name: set(zip(*(scored.table(name)[c].to_pylist() for c in ("pair_id", "estimator")), strict=True))
        for name in ("fits", "interactions", "main_effects", "factors", "within_interactions")
    }
    every = {(pair, name) for pair in ids for name in SCORED["estimators"]}
    without_weights = {(pair, "linear_lime") for pair in ids}
    assert rows["fits"] == rows["main_effects"] == every
    assert rows["interactions"] == rows["factors"] == every - without_weights
    assert rows["within_interactions"] == {(pair, "kernel_shapley_taylor") for pair in ids}
    assert problems(scored) == []


def test_the_spec_sets_the_penalty_and_the_table_records_it(benchmark, tmp_path):
    opaque = SCORED["opaque"] | {"rows": 60, "sample": 2}
    change = SCORED | {"estimators": ["grid", "paired", "linear_lime"]}
    runs = [
        finished(benchmark.spec(tmp_path, **change | {"opaque": opaque | section}))
        for section in ({}, {"penalty": 3.0})
    ]
    automatic, given = (
        {(row["pair_id"], row["estimator"]): row["penalty"] for row in run.table("fits").to_pylist()}
        for run in runs
    )
    pairs = {pair for pair, _ in given}
    assert len(pairs) == 2
    for pair in pairs:
        assert given[pair, "paired"] == given[pair, "linear_lime"] == 3
        assert automatic[pair, "linear_lime"] == 1
        steps = 4 * np.log10(automatic[pair, "paired"] / 60)  # candidates per row, four to a power of ten
        assert abs(steps - round(steps)) < 1e-4
        assert automatic[pair, "paired"] != pytest.approx(3, rel=1e-3)
        assert automatic[pair, "grid"] is None
    first, second = (cells(run, "paired") for run in runs)
    assert max(abs(first[key] - second[key]) for key in first) > 1e-3


def test_whole_pairs_score_what_the_scorer_says(benchmark, scored):
    import torch
    from PIL import Image

    scorer = planted_scorer.PlantedScorer()
    items = {row["item_id"]: row for row in scored.table("items").to_pylist()}
    pairs = {row["pair_id"]: row for row in scored.table("pairs").to_pylist()}
    for row in scored.table("fits").to_pylist():
        image = Image.open(benchmark.images / items[pairs[row["pair_id"]]["left_id"]]["uri"]).convert("RGB")
        pixels = torch.tensor(scorer.view(image).pixels).permute(2, 0, 1)[None] / 255
        text = items[pairs[row["pair_id"]]["right_id"]]["text"]
        assert row["f_full"] == pytest.approx(float(scorer.score(pixels, [text])[0]), abs=1e-5)


@pytest.mark.slow
def test_a_larger_sample_contains_a_smaller_one_with_the_same_numbers(benchmark, scored, tmp_path):
    opaque = SCORED["opaque"] | {"sample": 2}
    smaller = finished(benchmark.spec(tmp_path, **SCORED | {"opaque": opaque}))
    few, many = cells(smaller, "grid"), cells(scored, "grid")
    assert {pair for pair, _, _ in few} < {pair for pair, _, _ in many}
    assert {key: many[key] for key in few} == few


def test_blocks_of_pairs_are_as_large_as_blocks_of_encodes(scored):
    commits = scored.commits()["fit-opaque"]
    assert len(commits) == 3  # a pair costs more than 350 scores
    assert every(commit.facts.counts.scores > 350 for commit in commits.values())


@pytest.mark.slow
def test_threads_give_the_bits_of_inline(prefect_server, benchmark, scored, tmp_path):
    threads = finished(benchmark.spec(tmp_path, **SCORED, runner={"name": "threads", "workers": 2}))
    assert threads.run_id == scored.run_id
    assert diff_runs(scored, threads).bitwise


@pytest.mark.slow
def test_an_end_at_any_write_is_made_good_by_the_next_start(benchmark, scored, tmp_path, monkeypatch):
    from killing import Ended, ended_after

    spec = benchmark.spec(tmp_path, **SCORED)
    for n_writes in (25, 4, 3):
        with ended_after(monkeypatch, n_writes, before=bool(n_writes % 2)), pytest.raises(Ended):
            explain(spec)
    again = finished(spec)
    assert diff_runs(scored, again).bitwise
    assert problems(again) == []


def test_a_pair_whose_scores_are_no_numbers_is_a_failure_and_the_others_go_on(benchmark, tmp_path):
    opaque = SCORED["opaque"] | {"factory": "planted_scorer:nan", "sample": 8}
    change = SCORED | {"opaque": opaque, "estimators": ["grid"], "failures": {"tolerate": 1.0}}
    run = finished(benchmark.spec(tmp_path, **change))
    items = {row["item_id"]: row for row in run.table("items").to_pylist()}
    pairs = run.table("pairs").to_pylist()
    red = {row["pair_id"] for row in pairs if "red" in items[row["right_id"]]["text"]}
    assert 0 < len(red) < len(pairs)
    assert set(run.table("fits")["pair_id"].to_pylist()) == {row["pair_id"] for row in pairs} - red
    failures = run.table("failures").to_pylist()
    assert {row["reason"] for row in failures} == {"non_finite"}
    assert {row["stage"] for row in failures} == {"fit-opaque"}
    named = " ".join(row["message"] for row in failures)
    assert every(pair in named for pair in red)


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
def test_another_models_scores_are_not_measured_by_ours(benchmark, tmp_path):
    change = SCORED | {"estimators": ["banzhaf", "grid"], "faithfulness": {"sample": 3}}
    run = finished(benchmark.spec(tmp_path, **change))
    assert set(run.table("faithfulness")["estimator"].to_pylist()) == {"banzhaf"}
    assert "grid" in run.table("aggregates")["estimator"].to_pylist()


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
