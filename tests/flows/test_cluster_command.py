"""The command line with workers in processes: refused without a server, and never leaving any behind.

Proves flows.runners.ray_watch.
"""

import os
import signal
import sys
from pathlib import Path

import pytest
from killing import kill_after, start, wait_for_none
from tiny_benchmark import PATIENCE_S, explain

from tasks.comparison.diff import diff_runs
from tasks.runs.run import open_run

ILIME = Path(sys.executable).with_name("ilime")


@pytest.fixture
def server(prefect_server):
    """Variables of a child that lead it to the server of these tests."""
    return {name: os.environ[name] for name in ("PREFECT_API_URL", "PREFECT_API_AUTH_STRING", "NO_PROXY")}


def test_processes_are_refused_without_a_server_in_one_line(call, benchmark, tmp_path, monkeypatch):
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    status, _, said = call("explain", spec, "--set", "runner.name=dask")
    assert status == 2
    assert "`prefect server start`" in said
    assert len(said.strip().splitlines()) == 1
    assert not (tmp_path / "tables").exists()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_killed_driver_takes_its_workers_along_and_the_run_resumes(
    benchmark, reference, home, server, tmp_path, name
):
    root, place = tmp_path / "tables", tmp_path / "place"
    place.mkdir()
    marked = {"ILIME_TEST_PLACE": str(place), **server}
    spec = benchmark.write_spec(tmp_path / "spec.yaml", root, runner={"name": name})
    process = start([ILIME, "explain", spec], home, PLANTED_DELAY_S="0.002", **marked)
    assert kill_after(process, root, 5, 0.05, signal.SIGKILL)
    _, said = process.communicate(timeout=PATIENCE_S)
    assert "Task run" not in said  # what Prefect says in the workers
    assert wait_for_none(place) == []
    assert explain(benchmark.spec(root)).finished  # whoever comes next, blocks are blocks
    assert diff_runs(reference, open_run(str(root), "latest")).bitwise
