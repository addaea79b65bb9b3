"""Measurements of a finished run: their pairs, baselines and cost, and the leaderboard over them.

Proves flows.commands.measure, flows.console.cost_lines, tasks.forecast.stage_sizes,
tasks.planning.later_stages, tasks.stages.measure.baselines, tasks.stages.measure.measure,
tasks.stages.measure.plan, tasks.stages.measure.tables, tasks.stages.method_cost.
"""

import numpy as np
import planted_plugin
import pytest
import torch
from every import every
from measured_runs import KEY, measured, random_curves, values
from tiny_benchmark import explain, make_benchmark, run_of, yaml_of

from ilime_core.aggregates.clustered_mean import clustered_mean
from ilime_core.errors import InputError
from ilime_core.faithfulness.registry import REPORTED, reported

ORDERS = ["insertion_deletion", "aid", "average_drop", "highest_confidence", "asymmetry"]
STORED = ["fidelity", "certainty", "comprehensibility", "incompleteness", "representativeness"]
SECTION = {"metrics": [*ORDERS, "p_faithfulness", "synergy", *STORED], "sample": 4, "steps": 5}
BASE = {"pairs": {"retrieved": 0, "errors": True}, "blocks": {"image_encodes": 10_000, "pairs": 100}}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    torch.set_num_threads(1)
    return make_benchmark(tmp_path_factory.mktemp("measured") / "corpus", n_images=4)


@pytest.fixture(scope="module")
def spec_of(corpus, tmp_path_factory):
    root = tmp_path_factory.mktemp("tables")

    def spec(section=None, **changes):
        return corpus.spec(root, **(BASE | changes), faithfulness={"sample": 0} | (section or {}))

    assert explain(spec()).finished
    return spec


@pytest.fixture(scope="module")
def everything(spec_of):
    return measured(spec_of(SECTION))


def test_every_metric_of_the_section_has_rows(everything):
    rows, _, _ = everything
    assert {row["metric"] for row in rows} >= {
        "insertion", "deletion", "aid", "average_drop", "average_increase", "highest_confidence", "asymmetry",
        "p_faithfulness_r2", "synergy", "r2_total", "certainty", "comprehensibility", "incompleteness",
        "representativeness",
    }  # fmt: skip
    assert {row["side"] for row in rows} == {"both", "left", "right"}
    assert {row["direction"] for row in rows} == {"higher", "lower"}
    assert len(values(rows)) == len(rows)


def test_every_value_lies_in_the_range_that_its_metric_declares(everything):
    rows, board, _ = everything
    assert {row["metric"] for row in board} <= set(REPORTED)
    for row in rows:
        bounds = reported(row["metric"]).range_of(row["mode"])
        if row["value"] is not None:
            assert bounds.low is None or row["value"] >= bounds.low - 1e-6, row
            assert bounds.high is None or row["value"] <= bounds.high + 1e-6, row
    for row in board:
        if row["low"] is not None and row["versus"] == "none":
            bounds = reported(row["metric"]).range_of(row["mode"], row["scale"])
            assert bounds.low is None or row["low"] >= bounds.low
            assert bounds.high is None or row["high"] <= bounds.high


def test_measuring_again_computes_nothing_and_something_else_only_adds(spec_of, everything):
    rows, _, _ = everything
    again, _, outcome = measured(spec_of(SECTION))
    assert outcome.computed == 0
    assert values(again) == values(rows)
    other, _, outcome = measured(spec_of(SECTION | {"metrics": ["certainty"], "sample": 2}))
    assert outcome.computed == 2  # a block of pairs, and the leaderboard
    assert {row["metric"] for row in other} == {"certainty"}
    assert {row["pair_id"] for row in other} < {row["pair_id"] for row in rows}


def test_stored_metrics_encode_nothing(spec_of):
    before = dict(planted_plugin.rows)
    rows, _, outcome = measured(spec_of({"metrics": STORED, "sample": 3}))
    assert rows
    assert outcome.computed == 2
    assert planted_plugin.rows == before


def test_a_larger_sample_repeats_the_rows_of_a_smaller_one(spec_of, everything):
    rows, _, _ = everything
    fewer, _, _ = measured(spec_of(SECTION | {"sample": 2}))
    known = values(rows)
    assert {row["pair_id"] for row in fewer} < {row["pair_id"] for row in rows}
    for key, value in values(fewer).items():
        assert value == pytest.approx(known[key], abs=1e-5)


def test_relations_pairs_and_estimators_say_what_is_measured(spec_of, everything):
    run = run_of(everything[2])
    relation = {row["pair_id"]: row["relation"] for row in run.table("pairs").to_pylist()}
    lean = {"metrics": ["certainty"], "sample": 50}
    every, _, _ = measured(spec_of(lean))
    assert {row["pair_id"] for row in every} == set(relation)
    wrong, board, _ = measured(spec_of(lean | {"relations": ["hard_negative"]}))
    assert {relation[row["pair_id"]] for row in wrong} == {"hard_negative"}
    assert {row["relation"] for row in board} == {"all"}
    assert {row["relation"] for row in measured(spec_of(lean))[1]} == {"all", "positive", "hard_negative"}
    chosen = sorted(relation)[:2]
    named, _, _ = measured(spec_of(lean | {"pairs": [chosen[0], chosen[1][:20]]}))
    assert sorted({row["pair_id"] for row in named}) == chosen
    one, _, _ = measured(spec_of(lean | {"estimators": ["product_shapley"]}))
    assert {row["estimator"] for row in one} == {"product_shapley"}


def test_bad_choices_end_in_one_line(spec_of):
    with pytest.raises(InputError, match=r"'p' fits 1[0-9] pairs of run r[0-9a-f]*; needed is one"):
        explain(spec_of({"metrics": ["certainty"], "pairs": ["p"]}), "measure")
    with pytest.raises(
        InputError, match=r"'occlusion' cannot be measured in this run.*It holds banzhaf, product_shapley"
    ):
        explain(spec_of({"metrics": ["certainty"], "sample": 1, "estimators": ["occlusion"]}), "measure")
    with pytest.raises(ValueError, match="asymmetry compares sides"):
        explain(spec_of({"metrics": ["asymmetry"], "sides": ["left"]}), "measure")
    with pytest.raises(ValueError, match="localisation needs to know what captions name: give truth"):
        explain(spec_of({"metrics": ["localisation"]}), "measure")
    with pytest.raises(ValueError, match="consistency needs another model: give refits"):
        explain(spec_of({"metrics": ["consistency"]}), "measure")
    with pytest.raises(ValueError, match="metrics are named twice: certainty, certainty"):
        explain(spec_of({"metrics": ["certainty", "certainty"]}), "measure")


@pytest.mark.parametrize(
    "baseline", [{"image_baseline": "dataset_mean", "text_removal": "mask"}, {"text_removal": "mask"}]
)
def test_a_baseline_is_what_a_run_fitted_with_it_sees(corpus, spec_of, tmp_path, baseline):
    """Random orders know nothing of the fit: their curves under a baseline are those of the other run."""
    section = {"metrics": ["insertion_deletion"], "sample": 4, "steps": 5}
    own = spec_of({})["perturbation"] | baseline
    there = corpus.spec(tmp_path, **BASE, perturbation=baseline, faithfulness=section)
    outcome = explain(there)
    assert outcome.finished, outcome.failures
    _, _, here = measured(spec_of(section | {"baselines": [baseline]}))
    baseline = own.get("image_baseline", "segment_mean")
    name = f"{baseline}, {own['text_removal']}"
    curves = [random_curves(run_of(one), name) for one in (here, outcome)]
    assert curves[0].keys() == curves[1].keys()
    assert len(curves[0]) > 50
    for key, curve in curves[0].items():
        assert curve == pytest.approx(curves[1][key], abs=1e-6)
    fitted = random_curves(run_of(here), "segment_mean, drop")
    moved = [np.abs(np.subtract(curves[0][key], fitted[key])).max() for key in curves[0]]
    assert max(moved) > 0.01


def test_progress_of_a_measurement_moves_with_its_encodes(spec_of, monkeypatch):
    from flows.console.progress import StageProgress
    from tasks.forecast.stage_sizes import StageSizes
    from tasks.spec import ExplainParameters
    from tasks.stages.measure.plan import plan_measurement

    seen = []
    advance = StageProgress.advance
    monkeypatch.setattr(
        StageProgress, "advance", lambda line, n=1: (advance(line, n), seen.append((line, line.done)))[0]
    )
    spec = spec_of({"metrics": ["insertion_deletion"], "sample": 5, "steps": 3})
    outcome = explain(spec, "measure")
    plan = plan_measurement(outcome.run, ExplainParameters.model_validate(spec).faithfulness)
    line = seen[-1][0]
    commits = run_of(outcome).commits()[plan.stage].values()
    encodes = sum(one.facts.counts.encodes for one in commits)
    assert (line.done, line.total, line.unit) == (encodes, encodes, "encodes")
    assert 0 < seen[0][1] < encodes / 3  # long before the block ends
    expected, unit = StageSizes(outcome.run).total(plan.stage)
    assert (expected >= encodes, unit) == (True, "encodes")


def test_random_curves_stand_once_and_areas_are_theirs(everything):
    rows, _, outcome = everything
    run = run_of(outcome)
    measure_id = rows[0]["measure_id"]
    curves = [row for row in run.table("curves").to_pylist() if row["measure_id"] == measure_id]
    random = [row for row in curves if row["control"] == "random"]
    assert {row["estimator"] for row in random} == {"banzhaf"}
    assert {row["random_order"] for row in random} == {0, 1, 2}
    known = values(rows)
    for axis, column in (("count", "x"), ("area", "area")):
        areas = {
            tuple(row[name] for name in KEY[:6]): np.trapezoid(row["y"], row[column])
            for row in curves
            if row["control"] == "explanation"
        }
        for key, area in areas.items():
            pair_id, estimator, metric, *variant = key
            late = metric == "retention"  # least important first: with the deletion it makes aid
            told = area - areas[pair_id, estimator, "deletion", *variant] if late else area
            found = known[pair_id, estimator, "aid" if late else metric, *variant, axis, "explanation"]
            assert told == pytest.approx(found, abs=1e-5)
        assert every((row[column][0], row[column][-1]) == pytest.approx((0, 1)) for row in curves)


def test_the_leaderboard_is_the_clustered_mean_of_the_rows(everything):
    rows, board, outcome = everything
    pairs = {row["pair_id"]: row for row in run_of(outcome).table("pairs").to_pylist()}
    checked = 0
    for row in board:
        if row["metric"] == "cost" or row["scale"] != "raw":
            continue
        mine = {
            control: {
                one["pair_id"]: np.nan if one["value"] is None else one["value"]
                for one in rows
                if all(one[name] == row[name] for name in KEY[1:7]) and one["control"] == control
            }
            for control in {row["control"], row["versus"]} - {"none"}
        }
        ids = [
            name
            for name in sorted(mine[row["control"]])
            if row["relation"] in {"all", pairs[name]["relation"]}
        ]
        found = np.array([mine[row["control"]][name] for name in ids])
        if row["versus"] != "none":
            found -= np.array([mine[row["versus"]][name] for name in ids])
        bounds = reported(row["metric"]).range_of(row["mode"])
        mean = clustered_mean(
            found,
            *([pairs[name][side] for name in ids] for side in ("left_id", "right_id")),
            bounds=bounds if row["versus"] == "none" else bounds.of_difference,
        )
        assert (row["n"], row["n_unknown"]) == (mean.n, len(ids) - mean.n)
        for name in ("mean", "median", "low", "high"):
            assert row[name] == pytest.approx(getattr(mean, name), abs=1e-6), row
        assert (row["n_left"], row["n_right"]) == (mean.n_left, mean.n_right)
        assert row["p_value"] is None  # four photographs are too few to test anything
        checked += 1
    assert checked > 200


def test_methods_are_held_against_each_other_on_what_was_measured(everything):
    rows, _, outcome = everything
    found = run_of(outcome).table("method_differences").to_pylist()
    mine = [row for row in found if row["measure_id"] == rows[0]["measure_id"]]
    assert {(row["estimator"], row["rival"]) for row in mine} == {("banzhaf", "product_shapley")}
    known = values(rows)
    ids = {row["pair_id"] for row in rows}
    checked = 0
    for row in mine:
        variant = [row[name] for name in KEY[2:7]]
        both = [
            [known.get((one, row[role], *variant, "explanation")) for role in ("estimator", "rival")]
            for one in ids
        ]
        gaps = [ours - theirs for ours, theirs in both if None not in (ours, theirs)]
        if row["relation"] == "all":
            assert (row["n"], row["mean"]) == (len(gaps), pytest.approx(np.mean(gaps), abs=1e-5))
            checked += 1
        assert row["p_value"] is row["smallest_difference"] is None  # four photographs are too few
    assert checked > 20


def test_costs_are_those_of_a_run_with_the_method_alone(corpus, everything, tmp_path):
    _, board, outcome = everything
    costs = {(row["estimator"], row["mode"]): row["mean"] for row in board if row["metric"] == "cost"}
    measured_items = {row["pair_id"] for row in everything[0]}
    pairs = run_of(outcome).table("pairs").to_pylist()
    lefts = {row["left_id"] for row in pairs if row["pair_id"] in measured_items}
    for estimator in ("banzhaf", "product_shapley"):
        alone = explain(
            corpus.spec(
                tmp_path / estimator,
                **BASE,
                estimators=[estimator],
                perturbation={"held_out": {"image": 0, "text": 0}},
                faithfulness={"sample": 0},
            )
        )
        item_fits = run_of(alone).table("item_fits", ["item_id", "n_encodes"]).to_pylist()
        spent = [row["n_encodes"] + 1 for row in item_fits if row["item_id"] in lefts]
        assert costs[estimator, "image_encodes"] == pytest.approx(np.mean(spent))


def test_items_without_effects_have_no_part_of_the_benchmark(everything):
    """All items of a block may have failed in score: its other metrics go on."""
    from tasks.stages.measure.global_parts import GlobalParts

    assert GlobalParts(everything[2].run, [], ("banzhaf",)).of("banzhaf", "i1", "i2") is None


def test_global_factors_that_are_all_kept_represent_everything(everything):
    """The planted towers have 16 dimensions; ten factors of a benchmark of four images hold nearly all."""
    rows, _, _ = everything
    shares = [row["value"] for row in rows if row["metric"] == "representativeness"]
    assert shares
    assert every(0.5 < share <= 1.0 + 1e-6 for share in shares)
    assert len({round(share, 6) for share in shares}) > 2


def test_without_a_sample_measuring_costs_no_more_than_explaining_and_says_so(spec_of, call, tmp_path):
    metrics = {
        "metrics": ["insertion_deletion", "fidelity"],
        "steps": 5,
        "random_orders": 2,
        "sides": ["both"],
    }
    spec = spec_of(metrics | {"sample": None})
    rows, _, outcome = measured(spec)
    run = run_of(outcome)
    stage = next(name for name in run.commits() if name == f"measure-{rows[0]['measure_id']}")
    facts = [commit.facts for commit in run.commits()[stage].values()]
    [explained] = run.table("runs").to_pylist()
    spent = sum(one.counts.encodes for one in facts)
    assert 0 < spent <= explained["image_encodes"] + explained["text_encodes"]
    n_pairs = len({row["pair_id"] for row in rows})
    path = yaml_of(spec, tmp_path / "spec.yaml")
    status, out, err = call("measure", path)
    assert (status, "has been measured like this before" in out) == (0, True)
    assert f"measure: at most {n_pairs} pairs" in err
    assert "faithfulness.sample is not given: no more than explaining" in err
    assert f"on at most {n_pairs} pairs" in call("plan", path)[1]
    # The same number, asked for by hand, is the same measurement.
    assert measured(spec_of(metrics | {"sample": n_pairs}))[2].computed == 0
