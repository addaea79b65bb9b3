"""Whatever is killed when: the next start finishes the run, to the bit, and leaves nothing behind.

Proves tasks.stages.finish, tasks.stages.run_block.
"""

import sys
from pathlib import Path

import numpy as np
import pytest
from kill_scenarios import Scenario, Stage, play, problems_of, server_variables
from killing import (
    INT,
    TERM,
    Ended,
    commits_below,
    ended_after,
    kill_after,
    start,
)
from tiny_benchmark import PATIENCE_S, explain, ilime

from tasks.runs.run import open_run

ILIME = Path(sys.executable).with_name("ilime")
SLOW = {"PLANTED_DELAY_S": "0.002"}


def assert_whole(reference, root):
    """Finished, verified with all of its blocks, nothing beside them, the same to the bit."""
    assert problems_of(reference, str(root)) == []


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
    from tasks.storage.storage import Storage

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


SCENARIOS = [
    Scenario(0, "local", "inline"),
    Scenario(1, "local", "threads", kills=1),
    Scenario(2, "s3", "inline", kills=1),
    Scenario(3, "s3", "threads", kills=1),
    Scenario(4, "local", "dask", "worker", kills=1),
]
"""tests/benchmarks/kill_twenty.py plays more of them."""


@pytest.mark.slow
@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda one: one.name)
def test_killed_runs_go_on_elsewhere_to_the_same_bits(request, benchmark, reference, tmp_path, scenario):
    root, environment = str(tmp_path / "tables"), {}
    if scenario.place == "s3":
        store = request.getfixturevalue("s3_access")
        root, environment = f"s3://{store.make_bucket()}/tables", store.environment
    if scenario.runner == "dask" or scenario.place == "s3":
        request.getfixturevalue("prefect_server")
        environment |= server_variables()
    played = play(scenario, Stage(benchmark, reference, tmp_path, environment, root))
    assert played.problems == []
    assert len(played.moments) == scenario.kills


@pytest.mark.slow
@pytest.mark.parametrize(("number", "runner"), [(TERM, "inline"), (INT, "threads")])
def test_an_asked_stop_ends_with_3_and_resumes(
    prefect_server, benchmark, reference, home, tmp_path, number, runner
):
    root = tmp_path / "tables"
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root, runner={"name": runner})
    process = start([ILIME, "explain", spec], home, **SLOW)
    assert kill_after(process, root, 4, 0.0, number)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 3, said
    assert "Traceback" not in said
    assert "the same command resumes" in said
    kept = commits_below(root)
    if runner == "inline":
        done = ilime("explain", spec, home=home)
        assert done.returncode == 0, done.stderr
    else:  # resumed in this process: what a second child with a server of its own does is seen above
        assert explain(benchmark.spec(root, runner={"name": runner})).finished
    rows = open_run(str(root), "latest").table("executions").sort_by("started").to_pylist()
    assert [row["status"] for row in rows] == ["stopped", "finished"]
    assert rows[0]["blocks_done"] + 1 == kept  # and the record of that row
    assert rows[1]["blocks_adopted"] == rows[0]["blocks_done"]
    assert_whole(reference, root)
