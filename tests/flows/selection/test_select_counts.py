"""What searches cost is counted, shared, foreseen, and paid once."""

import planted_plugin
import pytest
from tiny_benchmark import explain, run_of

from tasks.forecast.budget import estimate_budget
from tasks.planning.draft import draft_plan
from tasks.spec import ExplainParameters

BASE = {
    "estimators": ["banzhaf"],
    "pairs": {"retrieved": 0, "errors": False},
    "faithfulness": {"sample": 0},
    "blocks": {"image_encodes": 10_000, "text_encodes": 10_000, "pairs": 100},
}


def selected(spec, kind="explain"):
    outcome = explain(spec, kind)
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    counts = [
        commit.facts.counts
        for stage, blocks in run.commits().items()
        for commit in blocks.values()
        if stage.startswith("select")
    ]
    return run, {name: sum(getattr(one, f"{name}_encodes") for one in counts) for name in ("image", "text")}


@pytest.mark.parametrize(
    "sides", [pytest.param(["left"], marks=pytest.mark.slow), ["left", "right"]], ids=["left", "both"]
)
def test_towers_blocks_and_plan_agree(benchmark, tmp_path, sides):
    section = {"methods": ["smdl", "counterfactual", "fade", "ranks"], "sample": 3, "sides": sides}
    plain = benchmark.spec(tmp_path, **BASE)
    explain(plain)
    before = dict(planted_plugin.rows)
    spec = benchmark.spec(tmp_path, **BASE, selection=section)
    run, counted = selected(spec, "measure")
    assert {name: planted_plugin.rows[name] - before[name] for name in before} == counted
    budget = estimate_budget(draft_plan(ExplainParameters.model_validate(spec)))
    assert 0 < sum(counted.values()) <= budget.select_encodes_at_most
    assert (counted["text"] > 0) == ("right" in sides)
    [row] = run.table("runs").to_pylist()
    assert row["image_encodes"] == budget.image_encodes  # of explain alone

    assert explain(spec, "measure").computed == 0
    assert {name: planted_plugin.rows[name] - before[name] for name in before} == counted


def test_captions_of_one_picture_share_encodes(benchmark, tmp_path):
    section = {"methods": ["smdl"], "sample": 8}
    run, counted = selected(benchmark.spec(tmp_path, **BASE, selection=section))
    asked = {}
    for row in run.table("selections").to_pylist():
        asked[row["pair_id"]] = max(asked.get(row["pair_id"], 0), row["n_encodes"])
    # Nine regions: all but the whole, the empty one, and four rows that come twice.
    assert set(asked.values()) == {9 * 10 - 2 - 4}
    assert len(asked) == 8
    assert 4 * 84 <= counted["image"] <= 8 * 84 - 4 * 18  # two captions at least share the first step


def test_sections_that_ask_for_nothing_cost_nothing(benchmark, tmp_path):
    for section in ({"methods": []}, {"methods": ["smdl"], "sample": 0}):
        run, counted = selected(benchmark.spec(tmp_path, **BASE, selection=section))
        assert counted == {"image": 0, "text": 0}
        assert run.table("selections").num_rows == 0


def test_plan_foresees_selections_only_where_they_are_asked_for(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **BASE)
    _, out, _ = call("plan", spec)
    assert "select  " not in out
    _, out, _ = call("plan", spec, "--set", "selection.methods=[fade]", "--set", "selection.sample=5")
    [line] = [line for line in out.splitlines() if line.startswith("select ")]
    assert line.split(maxsplit=1)[1] == (
        "at most 150 encodes for fade on 5 pairs, 0.2 times those of explaining"
    )


def test_measure_selects_on_a_finished_run_and_says_where(call, benchmark, tmp_path):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **BASE)
    call("explain", spec)
    status, out, _ = call("measure", spec, "--set", "selection.methods=[counterfactual]")
    assert status == 0
    assert "selections" in out
    status, out, _ = call("measure", spec, "--set", "selection.methods=[counterfactual]")
    assert "nothing to compute" in out
    status, out, _ = call("verify", "latest", "--root", tmp_path / "tables")
    assert status == 0
    _, out, _ = call("status", "latest", "--root", tmp_path / "tables")
    assert "select-m" in out
