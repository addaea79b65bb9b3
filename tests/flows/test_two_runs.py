"""Two starts at once do no harm: on one run, on one plan, on one output."""

import sys
from pathlib import Path
from threading import Barrier, Thread

import pytest
from kill_scenarios import problems_of, server_variables
from killing import start
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.planning.draft import draft_plan, freeze_plan
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.plan import OpenRun
from tasks.runs.run import list_runs, open_run
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters
from tasks.storage.storage import Storage

ILIME = Path(sys.executable).with_name("ilime")


def both(act, arguments):
    """Results of two calls that begin together."""
    found = {}
    threads = [Thread(target=lambda one=one: found.update({one: act(*arguments[one])})) for one in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [found[one] for one in (0, 1)]


@pytest.mark.slow
def test_two_drivers_of_one_spec_make_one_run(prefect_server, benchmark, reference, home, tmp_path):
    root = tmp_path / "tables"
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root)
    drivers = [
        start(
            [ILIME, "explain", spec, "--set", f"runner.name={name}"],
            home,
            PLANTED_DELAY_S="0.005",
            **server_variables(),
        )
        for name in ("inline", "threads")
    ]
    said = [driver.communicate(timeout=180)[1] for driver in drivers]
    assert [driver.returncode for driver in drivers] == [0, 0], said
    assert problems_of(reference, str(root)) == []
    rows = open_run(str(root), "latest").table("executions").to_pylist()
    assert sorted(row["runner"] for row in rows) == ["inline", "threads"]
    assert {row["status"] for row in rows} == {"finished"}
    stages = expected_blocks(OpenRun(str(root), reference.run_id))
    measured = sum(stage.startswith("measure") for stage in open_run(str(root), "latest").commits())
    n_blocks = sum(len(blocks) for blocks in stages.values())
    done = sum(row["blocks_done"] for row in rows)
    assert n_blocks < done < n_blocks + 20 * measured  # every block was committed once, by one of them


def test_two_starts_in_one_process_make_one_run(benchmark, reference, tmp_path):
    spec = benchmark.spec(tmp_path)
    outcomes = both(explain, [(spec,), (spec,)])
    assert [one.finished for one in outcomes] == [True, True]
    assert problems_of(reference, str(tmp_path)) == []
    done = [one.computed for one in outcomes]
    records = [one for blocks in run_of(outcomes[0]).commits().values() for one in blocks.values()]
    executions = open_run(str(tmp_path), "latest").table("executions").num_rows
    assert sum(done) == len(records) - executions


def test_of_two_planners_one_wins_and_nothing_of_the_other_stays(benchmark, tmp_path, monkeypatch):
    """Their blocks differ, so that mixing their plans would be seen."""
    barrier = Barrier(2)
    create = Storage.create

    def together(self, key, data):
        if key.endswith("plan.json"):
            barrier.wait(timeout=30)
        return create(self, key, data)

    specs = [
        benchmark.spec(tmp_path, faithfulness={"sample": 0}, blocks={"image_encodes": n}) for n in (250, 3)
    ]
    drafts = [draft_plan(ExplainParameters.model_validate(spec)) for spec in specs]
    assert drafts[0].run_id == drafts[1].run_id
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "create", together)
        plans = [run.plan for run in both(freeze_plan, [(draft,) for draft in drafts])]
    assert plans[0] == plans[1]
    tables = tmp_path / "_runs" / drafts[0].run_id / "plan"
    assert len(list(tables.glob("manifest-*"))) == 2
    for spec in specs:
        assert explain(spec).finished
    assert [path.name for path in tables.glob("manifest-*")] == [plans[0].manifest]
    alone = run_of(explain(specs[0] | {"output": str(tmp_path / "alone")}))
    run = open_run(str(tmp_path), drafts[0].run_id)
    assert verify_run(run.storage, run.run_id, expected_blocks(OpenRun(str(tmp_path), run.run_id))) == []
    assert diff_runs(alone, run).same


def test_two_nights_at_once_on_one_output_are_two_whole_runs(benchmark, tmp_path):
    specs = [
        benchmark.spec(tmp_path / "tables", faithfulness={"sample": 0}, corpus={"limit": n}) for n in (3, 4)
    ]
    outcomes = both(explain, [(spec,) for spec in specs])
    assert [one.finished for one in outcomes] == [True, True]
    assert len(list_runs(str(tmp_path / "tables"))) == 2
    for number, (spec, outcome) in enumerate(zip(specs, outcomes, strict=True)):
        alone = run_of(explain(spec | {"output": str(tmp_path / f"alone-{number}")}))
        run = run_of(outcome)
        assert run.run_id == alone.run_id
        opened = OpenRun(run.root, run.run_id)
        assert verify_run(run.storage, run.run_id, expected_blocks(opened)) == []
        assert diff_runs(alone, run).same
