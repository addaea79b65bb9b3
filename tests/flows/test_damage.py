"""Damage: a changed file is refused by readers and starts, named by verify, and repaired to the bit.

Proves tasks.run_files.expected_blocks and tasks.runs.repair.
"""

import json
import shutil

import numpy as np
import pytest
from flipping import DAMAGES, KINDS, Flipper
from tiny_benchmark import explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.run_files.expected_blocks import known_blocks
from tasks.run_files.match_plan import forget_plans
from tasks.run_files.naming import commit_key, plan_key
from tasks.runs.repair import repair_run
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage


@pytest.fixture(scope="module")
def flipper(benchmark, tmp_path_factory):
    return Flipper(benchmark, tmp_path_factory.mktemp("flips"))


@pytest.fixture
def copy(flipper, tmp_path):
    """A copy of the run to damage, and its storage."""
    forget_plans()
    shutil.copytree(flipper.output, tmp_path / "copy")
    yield Storage(str(tmp_path / "copy"))
    forget_plans()


def kind_of(name):
    return next(kind for kind in KINDS if kind.name == name)


def problems_of(storage, run_id):
    return verify_run(storage, run_id, known_blocks(storage.url, run_id))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_flipped_byte_of_any_file_is_named_and_never_read(flipper, kind):
    rng = np.random.default_rng(11)
    key = str(rng.choice(flipper.files(kind)))
    output = flipper.damaged(key, kind, DAMAGES["flipped"], rng)
    fate = flipper.fate(key, output, start=False, repair=False)
    assert fate.named, fate
    assert fate.read in {"same", "refused"}
    if kind.name in {"plan.json", "footers", "pages", "executions"}:  # what no reader can do without
        assert fate.read == "refused"


@pytest.mark.parametrize("kind", ["manifest", "blocks.json"])
def test_a_start_over_damage_refuses_and_after_a_repair_the_run_is_the_first_one(flipper, kind):
    rng = np.random.default_rng(5)
    kind = kind_of(kind)
    key = str(rng.choice(flipper.files(kind)))
    output = flipper.damaged(key, kind, DAMAGES["deleted"], rng)
    fate = flipper.fate(key, output, start=True, repair=True)
    assert (fate.started, fate.named, fate.repaired) == ("refused", True, "same")


def test_a_deleted_record_is_missed_by_readers_and_named(flipper, copy, call):
    run_id = flipper.first.run_id
    key = commit_key(run_id, "fit", 0)
    copy.delete(key)
    status, out, err = call("show", run_id, "--root", copy.url)
    assert (status, out) == (3, "")
    assert key in err
    assert f"ilime verify {run_id} --root {copy.url} --repair`" in err
    assert "same command resumes" not in err
    status, out, _ = call("verify", run_id, "--root", copy.url)
    assert status == 1
    assert f"missing_block: {key}: " in out


def test_a_changed_value_of_the_plan_is_damage(flipper, copy):
    key = plan_key(flipper.first.run_id)
    plan = json.loads(copy.read_bytes(key))
    plan["parameters"]["perturbation"]["max_image_masks"] += 2
    copy.write(key, (json.dumps(plan, indent=1, ensure_ascii=False) + "\n").encode())
    assert flipper._read(flipper.output) == "same"
    assert [(one.kind.value, one.key) for one in problems_of(copy, flipper.first.run_id)] == [
        ("damaged_plan", key)
    ]


def test_a_killed_repair_is_noticed_and_goes_on(flipper, copy, monkeypatch):
    run_id = flipper.first.run_id
    part = next(file.key for file in copy.list(f"effects/run_id={run_id}"))
    copy.write(part, b"damaged")
    problems = problems_of(copy, run_id)
    deletes = []

    def dying(self, key):
        if len(deletes) == 3:
            raise KeyboardInterrupt
        deletes.append(key)
        delete(self, key)

    delete = Storage.delete
    monkeypatch.setattr(Storage, "delete", dying)
    with pytest.raises(KeyboardInterrupt):
        repair_run(copy, run_id, problems)
    monkeypatch.undo()
    assert deletes[0] == commit_key(run_id, "finish", 0)
    again = problems_of(copy, run_id)
    assert part in {one.key for one in again}
    repair_run(copy, run_id, again)
    outcome = explain(flipper._spec(copy.url))
    assert outcome.finished
    assert diff_runs(flipper.first, run_of(outcome)).bitwise
    assert problems_of(copy, run_id) == []


@pytest.mark.parametrize("damage", ["flipped", "emptied"])
def test_every_command_says_in_one_line_what_is_damaged(flipper, copy, call, tmp_path, damage):
    run_id, rng = flipper.first.run_id, np.random.default_rng(3)
    for key in (plan_key(run_id), flipper.files(kind_of("pages"))[0]):
        path = tmp_path / "copy" / key
        whole = path.read_bytes()
        path.write_bytes(DAMAGES[damage](whole, rng, (0, len(whole))))
        for command in (["show"], ["report", "--out", tmp_path / "report"], ["diff"], ["status"]):
            forget_plans()
            second = [run_id] if command == ["diff"] else []
            status, out, err = call(command[0], run_id, *second, "--root", copy.url, *command[1:])
            if status == 0:  # it has no use for the file
                continue
            assert status == 3, (command, out, err)
            assert err.count("\n") == 1
            assert key in err
            assert "--repair" in err
        status, out, _ = call("runs", copy.url)
        assert status == 0
        assert ("damaged" in out) == (key == plan_key(run_id))
        path.write_bytes(whole)
    status, out, _ = call("prune", copy.url, "--run", run_id, "--yes")
    assert status == 0
    assert copy.list("") == []
