"""The same numbers from workers in other processes, by the comparison that users have."""

import os

import pytest
from tiny_benchmark import FIXTURES, explain, run_of

from tasks.diff import diff_runs


@pytest.fixture
def importable(monkeypatch):
    """Workers that are started here find the plugin as they would on a machine of their own."""
    path = os.pathsep.join(filter(None, [str(FIXTURES), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONPATH", path)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_two_processes_give_the_same_bits(prefect_server, importable, benchmark, reference, tmp_path, name):
    outcome = explain(benchmark.spec(tmp_path, runner={"name": name, "workers": 2}))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    report = diff_runs(reference, run)
    assert report.bitwise, report.lines
    blocks = {stage: done for stage, done in run.commits().items() if stage != "executions"}
    workers = {commit.worker for done in blocks.values() for commit in done.values()}
    assert len(workers) >= 2
    assert str(os.getpid()) not in {worker.rpartition(":")[2] for worker in workers}
    assert run.table("executions")["runner"].to_pylist() == [name]
