"""Cost of a measurement: what it encodes, foresees and reports.

Proves flows.console.cost_lines, tasks.forecast.stage_sizes, tasks.planning.later_stages and
tasks.stages.method_cost.
"""

import numpy as np
import planted_plugin
import pytest
from measured_runs import BASE, STORED, measured
from tiny_benchmark import explain, run_of, yaml_of


def test_stored_metrics_encode_nothing(spec_of):
    before = dict(planted_plugin.rows)
    rows, _, outcome = measured(spec_of({"metrics": STORED, "sample": 3}))
    assert rows
    assert outcome.computed == 2
    assert planted_plugin.rows == before


def test_progress_of_a_measurement_moves_with_its_encodes(spec_of, monkeypatch):
    from flows.console.run_clock import RunClock
    from tasks.forecast.stage_sizes import StageSizes
    from tasks.spec import ExplainParameters
    from tasks.stages.measure.plan import plan_measurement

    seen = []
    advance = RunClock.advance
    monkeypatch.setattr(
        RunClock, "advance", lambda clock, *report: (seen.append(report), advance(clock, *report))[1]
    )
    spec = spec_of({"metrics": ["insertion_deletion"], "sample": 5, "steps": 3})
    outcome = explain(spec, "measure")
    plan = plan_measurement(outcome.run, ExplainParameters.model_validate(spec).faithfulness)
    commits = run_of(outcome).commits()[plan.stage].values()
    encodes = sum(one.facts.counts.encodes for one in commits)
    assert {stage for stage, _, _ in seen} == {plan.stage}
    assert sum(n for _, _, n in seen) == encodes
    assert 0 < seen[0][2] < encodes / 3  # long before the block ends
    assert StageSizes(outcome.run).total(plan.stage) == (5, "pairs")


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
    assert "measure        nothing, as the spec" in call("plan", path, "--set", "faithfulness.sample=0")[1]
    few = call("plan", path, "--set", "faithfulness.random_orders=50", "--limit", "1")[1]
    assert "measure        no pair: one costs more than explaining all; faithfulness.sample=10" in few
    # The same number, asked for by hand, is the same measurement.
    assert measured(spec_of(metrics | {"sample": n_pairs}))[2].computed == 0
