"""Pruning: runs are removed whole, others lose nothing, and a killed removal is completed.

Proves tasks.run_files.pruning, tasks.runs.inventory, flows.commands.prune.
"""

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tiny_benchmark import explain, run_of, yaml_of

from ilime_core.errors import InputError
from tasks.comparison.diff import diff_runs
from tasks.run_files.expected_blocks import expected_blocks
from tasks.run_files.plan import OpenRun
from tasks.run_files.pruning import mark_key, remove_run
from tasks.runs.inventory import take_inventory
from tasks.runs.prune_choice import Choice, choose_runs
from tasks.runs.run import list_runs
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage

LEAN = {"faithfulness": {"sample": 0}, "estimators": ["banzhaf"], "pairs": {"retrieved": 0}}


class Killed(BaseException):
    """Unwinds like nothing that a program catches."""


@pytest.fixture(scope="module")
def three_nights(benchmark, tmp_path_factory):
    """Three runs of one label in one output: spec of each, the oldest first."""
    root = tmp_path_factory.mktemp("nights")
    specs = [benchmark.spec(root, **LEAN, corpus={"limit": n}) for n in (2, 3, 4)]
    for spec in specs:
        assert explain(spec).finished
    return specs


@pytest.fixture
def nights(three_nights, tmp_path):
    """A copy of the three runs: specs and run ids, the oldest first."""
    root = tmp_path / "tables"
    shutil.copytree(three_nights[0]["output"], root)
    specs = [spec | {"output": str(root)} for spec in three_nights]
    return specs, [run.run_id for run in reversed(list_runs(str(root)))]


def everything(root):
    return {str(path.relative_to(root)) for path in Path(root).rglob("*")}


def whole(root, run_id):
    opened = OpenRun(root, run_id)
    return verify_run(opened.storage, run_id, expected_blocks(opened)) == []


def test_nothing_of_a_removed_run_is_left_and_others_are_whole(nights, call):
    specs, ids = nights
    root = specs[0]["output"]
    status, out, err = call("prune", root, "--keep", "1", "--yes")
    assert status == 0, err
    assert f"removed {ids[0]}" in out
    assert [run.run_id for run in list_runs(root)] == [ids[2]]
    assert not [name for name in everything(root) if ids[0] in name or ids[1] in name]
    assert whole(root, ids[2])
    status, out, _ = call("prune", root, "--keep", "1", "--yes")
    assert status == 0
    assert "nothing to remove" in out


def test_without_a_terminal_nothing_goes_unless_said(nights, call):
    specs, ids = nights
    before = everything(specs[0]["output"])
    status, out, err = call("prune", specs[0]["output"], "--run", ids[1][:6])
    assert status == 2
    assert "remove 1 run, " in err
    assert "--yes removes them" in err
    [line] = [line for line in out.splitlines() if ids[1] in line]
    assert "MiB" in line
    assert line.rstrip().endswith("named")
    assert everything(specs[0]["output"]) == before


def test_on_a_terminal_it_asks(nights, monkeypatch):
    from click.testing import CliRunner

    from flows.commands.prune import command

    specs, ids = nights
    root = specs[0]["output"]
    monkeypatch.setattr("flows.actions.prune._can_answer", lambda: True)
    said = CliRunner().invoke(command, [root, "--run", ids[0]], input="n\n", standalone_mode=False)
    assert "nothing is removed" in said.output
    assert len(list_runs(root)) == 3
    said = CliRunner().invoke(command, [root, "--run", ids[0]], input="y\n", standalone_mode=False)
    assert f"removed {ids[0]}" in said.output
    assert len(list_runs(root)) == 2


@pytest.mark.parametrize("n_deletes", [0, 1, 2, 8, 30, 45])
def test_a_killed_removal_is_ended_by_the_next_one(nights, call, monkeypatch, n_deletes):
    specs, ids = nights
    root = specs[0]["output"]
    left = {"deletes": n_deletes}
    delete = Storage.delete

    def dying(self, key):
        left["deletes"] -= 1
        if left["deletes"] < 0:
            raise Killed
        delete(self, key)

    with monkeypatch.context() as patch:
        patch.setattr(Storage, "delete", dying)
        with pytest.raises(Killed):
            remove_run(Storage(root), ids[0])
    assert [run.run_id for run in list_runs(root)] == [ids[2], ids[1], *[ids[0]] * (n_deletes == 0)]
    status, out, err = call("prune", root, "--yes")
    assert status == 0, err
    assert "its removal has begun" in out
    assert not [name for name in everything(root) if ids[0] in name]
    assert whole(root, ids[1])
    assert whole(root, ids[2])


def test_a_half_removed_run_is_not_started_again_on_its_remains(nights, monkeypatch):
    """Its records would count as blocks of the new plan, which cuts them otherwise."""
    specs, ids = nights
    root = specs[0]["output"]
    storage = Storage(root)
    alone = run_of(explain(specs[0] | {"output": f"{root}-alone"}))
    storage.create(mark_key(ids[0]), b"{}")
    storage.delete(f"_runs/{ids[0]}/plan/plan.json")
    with pytest.raises(InputError, match=f"run {ids[0]} .* is being removed"):
        explain(specs[0])
    monkeypatch.setattr("tasks.run_files.pruning.AT_WORK", timedelta(0))  # nobody is at it any more
    again = run_of(explain(specs[0]))
    assert again.run_id == ids[0]
    assert whole(root, ids[0])
    assert not storage.exists(mark_key(ids[0]))
    assert diff_runs(alone, again).same


def test_sources_of_an_unfinished_run_are_known_from_its_plans(nights, benchmark, monkeypatch):
    from killing import Ended, ended_after

    specs, _ = nights
    root = specs[0]["output"]
    wider = benchmark.spec(root, **LEAN, corpus={"limit": 4}, seed=1)
    with ended_after(monkeypatch, 7), pytest.raises(Ended):
        explain(wider)
    [unfinished] = [run for run in take_inventory(Storage(root)) if not run.finished]
    assert unfinished.sources
    [source] = unfinished.sources
    verdicts = choose_runs(take_inventory(Storage(root)), Choice(keep=0), datetime.now(UTC))
    stays = {one.run.run_id for one in verdicts if one.obstacle}
    assert stays == {source}


def test_a_named_run_that_has_to_stay_is_said_and_nothing_goes(nights, benchmark, call, monkeypatch):
    from killing import Ended, ended_after

    specs, ids = nights
    root = specs[0]["output"]
    with ended_after(monkeypatch, 7), pytest.raises(Ended):
        explain(benchmark.spec(root, **LEAN, corpus={"limit": 4}, seed=1))
    [unfinished] = [run.run_id for run in list_runs(root) if run.run_id not in ids]
    status, out, err = call("prune", root, "--run", unfinished, "--run", ids[0], "--yes")
    assert status == 2
    assert "may be at work" in out
    assert len(list_runs(root)) == 4
    status, _, err = call("prune", root, "--run", unfinished, "--run", ids[0], "--yes", "--force")
    assert status == 0, err
    assert len(list_runs(root)) == 2


def test_files_that_are_not_of_a_run_are_never_touched(nights, call):
    specs, _ = nights
    root = Path(specs[0]["output"])
    mine = [root / "notes.txt", root / "effects" / "mine.parquet", root / "_runs" / "readme"]
    for path in mine:
        path.write_text("mine", encoding="utf-8")
    status, _, err = call("prune", str(root), "--keep", "0", "--yes")
    assert status == 0, err
    assert [path.read_text(encoding="utf-8") for path in mine] == ["mine"] * 3
    assert list_runs(str(root)) == []
    left = {path for path in root.rglob("*") if path.is_file()}
    assert left == set(mine)


@pytest.mark.parametrize("age", ["30", "d", "3m", "-1d"])
def test_an_age_that_is_none_is_refused(call, tmp_path, age):
    status, _, err = call("prune", str(tmp_path), "--older-than", age)
    assert status == 2
    assert "like 30d" in err or "No such option" in err


def test_a_run_after_pruning_is_simply_a_new_one(nights, call):
    specs, ids = nights
    root = specs[0]["output"]
    spec = yaml_of(specs[2], Path(root).parent / "spec.yaml")
    assert call("prune", root, "--keep", "0", "--yes")[0] == 0
    assert call("explain", spec)[0] == 0
    assert whole(root, ids[2])


@pytest.mark.slow
def test_runs_in_a_bucket_are_removed_whole(nights, call, s3_access):
    specs, ids = nights
    local, bucket = Storage(specs[0]["output"]), s3_access.make_bucket()
    remote = Storage(f"s3://{bucket}/tables")
    for file in local.list():
        remote.write(file.key, local.read_bytes(file.key))
    status, _, err = call("prune", remote.url, "--keep", "1", "--yes")
    assert status == 0, err
    assert {ids[2]} == {run.run_id for run in list_runs(remote.url)}
    assert not [key for key in s3_access.keys(bucket) if ids[0] in key or ids[1] in key]
    assert whole(remote.url, ids[2])
    status, _, err = call("prune", remote.url, "--keep", "0", "--yes")
    assert status == 0, err
    assert s3_access.keys(bucket) == []
