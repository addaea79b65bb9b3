"""Whatever is killed when: the next start finishes the run, to the bit, and leaves nothing behind."""

import sys
from pathlib import Path

import numpy as np
import pytest
from killing import (
    INT,
    KILL,
    TERM,
    Ended,
    commits_below,
    ended_after,
    kill_after,
    parts_below,
    start,
    wait_for_child,
    wait_for_none,
)
from tiny_benchmark import explain, ilime, run_of

from tasks.diff import diff_runs
from tasks.expected_blocks import expected_blocks
from tasks.plan import OpenRun
from tasks.runs import open_run
from tasks.verify import verify_run

ILIME = Path(sys.executable).with_name("ilime")
SLOW = {"PLANTED_DELAY_S": "0.002"}


def assert_whole(reference, root):
    """Finished, verified with all of its blocks, no part without a record, the same to the bit."""
    run = open_run(str(root), "latest")
    opened = OpenRun(str(root), run.run_id)
    assert verify_run(run.storage, run.run_id, expected_blocks(opened)) == []
    named = {part.key for blocks in run.commits().values() for one in blocks.values() for part in one.parts}
    assert {str(path.relative_to(root)) for path in parts_below(root)} == named
    everything = {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}
    assert {key for key in everything if not key.startswith("_runs/")} == named  # no temporary file either
    report = diff_runs(reference, run)
    assert report.bitwise, report.lines


@pytest.mark.parametrize(
    "seed", [*range(2), *(pytest.param(n, marks=pytest.mark.slow) for n in range(2, 10))]
)
def test_an_end_at_any_write_is_made_good_by_the_next_start(
    benchmark, reference, tmp_path, monkeypatch, seed
):
    """In this process, so that the end falls exactly before or after a chosen write."""
    rng = np.random.default_rng(seed)
    spec = benchmark.spec(tmp_path)
    for _ in range(2):
        before = bool(rng.random() < 0.5)
        with ended_after(monkeypatch, int(rng.integers(2, 60)), before=before), pytest.raises(Ended):
            explain(spec)
    assert explain(spec).finished
    assert_whole(reference, tmp_path)


def test_parts_of_a_writer_that_never_committed_are_swept(benchmark, reference, tmp_path, monkeypatch):
    """Another machine's libraries may write other bytes under another name before it dies."""
    from tasks.storage import Storage

    spec = benchmark.spec(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(Storage, "create", lambda self, key, data: (_ for _ in ()).throw(Ended))
        with pytest.raises(Ended):
            explain(spec)
    stray = tmp_path / "effects" / f"run_id={reference.run_id}" / "part-score-00000-0123456789ab.parquet"
    stray.parent.mkdir(parents=True)
    stray.write_bytes(b"half a part")
    assert explain(spec).finished
    assert not stray.exists()
    assert_whole(reference, tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize(("seed", "runner"), [(0, "inline"), (1, "inline"), (2, "threads"), (3, "threads")])
def test_killed_runs_resume_to_the_same_bits(benchmark, reference, home, tmp_path, seed, runner):
    rng = np.random.default_rng(seed)
    root, state = tmp_path / "tables", tmp_path / "state"
    state.mkdir()
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root)
    killed, at = 0, 0
    for _ in range(2):
        workers, grouped = int(rng.integers(1, 3)), int(rng.integers(1, 4))
        options = [f"runner.name={runner}", f"runner.workers={workers}", f"runner.blocks_per_task={grouped}"]
        command = [ILIME, "explain", spec, *(word for option in options for word in ("--set", option))]
        process = start(command, home, **SLOW, ILIME_TEST_PLACE=str(state))
        at += int(rng.integers(1, 9))
        if runner == "threads":  # the server, so that looking for what outlives the parent can find it
            assert wait_for_child(process, state)
        killed += kill_after(process, root, at, float(rng.uniform(0, 0.15)), KILL)
        process.communicate(timeout=120)
        assert wait_for_none(state) == []
        at = commits_below(root)
    assert killed == 2
    done = ilime("explain", spec, "--set", f"runner.name={runner}", home=home, ILIME_TEST_PLACE=str(state))
    assert done.returncode == 0, done.stderr
    assert wait_for_none(state) == []
    assert_whole(reference, root)


@pytest.mark.slow
@pytest.mark.parametrize(("number", "runner"), [(TERM, "inline"), (INT, "threads")])
def test_an_asked_stop_ends_with_3_and_resumes(benchmark, reference, home, tmp_path, number, runner):
    root = tmp_path / "tables"
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root, runner={"name": runner})
    process = start([ILIME, "explain", spec], home, **SLOW)
    assert kill_after(process, root, 4, 0.0, number)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 3, said
    assert "Traceback" not in said
    assert "the same command resumes" in said
    kept = commits_below(root)
    done = ilime("explain", spec, home=home)
    assert done.returncode == 0, done.stderr
    rows = open_run(str(root), "latest").table("executions").sort_by("started").to_pylist()
    assert [row["status"] for row in rows] == ["stopped", "finished"]
    assert rows[0]["blocks_done"] + 1 == kept  # and the record of that row
    assert rows[1]["blocks_adopted"] == rows[0]["blocks_done"]
    assert_whole(reference, root)


def test_starts_that_overlap_leave_one_run(benchmark, reference, tmp_path):
    """Two processes on one run: the second writer of a block takes the first one's."""
    from threading import Thread

    spec = benchmark.spec(tmp_path)
    outcomes = []
    threads = [Thread(target=lambda: outcomes.append(explain(spec))) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [one.finished for one in outcomes] == [True, True]
    assert run_of(outcomes[0]).run_id == reference.run_id
    assert_whole(reference, tmp_path)
