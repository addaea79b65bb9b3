"""Sampled pairs explained from the scores of a model of its own, from the spec to the tables.

Proves tasks.process.scorers, tasks.stages.fit.commits, tasks.stages.fit_opaque.budget,
tasks.stages.fit_opaque.fit_opaque, tasks.stages.fit_opaque.pair_games, tasks.stages.fit_opaque.pair_inputs,
tasks.stages.fit_opaque.tables, tasks.stages.match.opaque_blocks.
"""

import numpy as np
import planted_scorer
import pytest
from every import every
from opaque_runs import SCORED, cells, counts_of, finished, problems
from tiny_benchmark import explain

from tasks.comparison.diff import diff_runs
from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.process.scorers import scorer_of
from tasks.spec import ExplainParameters
from tasks.stages.fit_opaque.budget import estimate_opaque


@pytest.fixture(scope="module", autouse=True)
def allowed():
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ILIME_PLUGINS", "planted_plugin,planted_scorer")
        yield


@pytest.fixture(scope="module")
def scored(benchmark, tmp_path_factory):
    """A finished inline run of three pairs under a scorer with a model of its own; only to be read."""
    return finished(benchmark.spec(tmp_path_factory.mktemp("scored"), **SCORED))


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


@pytest.mark.slow
def test_another_models_scores_are_not_measured_by_ours(benchmark, tmp_path):
    change = SCORED | {"estimators": ["banzhaf", "grid"], "faithfulness": {"sample": 3}}
    run = finished(benchmark.spec(tmp_path, **change))
    assert set(run.table("faithfulness")["estimator"].to_pylist()) == {"banzhaf"}
    assert "grid" in run.table("aggregates")["estimator"].to_pylist()
