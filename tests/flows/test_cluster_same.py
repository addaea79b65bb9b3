"""The same numbers from workers in other processes, also when one of them dies.

Proves flows.runners.dask_cluster, flows.runners.dask_pool, flows.runners.ray_cluster, flows.runners.ray_pool.
"""

import os
import signal
import threading
import time

import pytest
from killing import commits_below
from tiny_benchmark import FIXTURES, explain, run_of

from tasks.comparison.diff import diff_runs
from tasks.runs.run import open_run

ENCODING = {"embed", "score", "measure"}
OTHER = {"segment", "fit"}


@pytest.fixture
def importable(monkeypatch, tmp_path):
    """Workers that are started here find the plugins as they would on a machine of their own."""
    path = os.pathsep.join(filter(None, [str(FIXTURES), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin,counting_plugin")
    monkeypatch.setenv("COUNTING_PLUGIN_LOG", str(tmp_path / "loads"))


def workers(run, stages):
    """``host:pid`` of who has committed blocks of these stages."""
    commits = run.commits()
    return {
        commit.worker
        for stage, blocks in commits.items()
        if stage.partition("-")[0] in stages
        for commit in blocks.values()
    }


@pytest.mark.slow
@pytest.mark.parametrize(("name", "resource"), [("dask", "device"), ("ray", "GPU")])
def test_two_processes_give_the_same_bits_and_one_of_them_holds_the_model(
    prefect_server, importable, benchmark, reference, tmp_path, name, resource
):
    spec = benchmark.spec(
        tmp_path / "tables",
        model={"factory": "counting_plugin:make"},
        runner={"name": name, "workers": 2, "device_resource": resource},
    )
    outcome = explain(spec)
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    report = diff_runs(reference, run)
    assert report.bitwise, report.lines
    encoded, other = workers(run, ENCODING), workers(run, OTHER)
    assert len(encoded) == 1
    assert other - encoded
    assert f"{os.getpid()}" not in {worker.rpartition(":")[2] for worker in encoded | other}
    loads = (tmp_path / "loads").read_text().split()
    assert len(loads) == len(set(loads))  # segmenting needs the model's view, so that others load it too
    assert {worker.rpartition(":")[2] for worker in encoded} <= set(loads)
    assert run.table("executions")["runner"].to_pylist() == [name]


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_block_whose_worker_is_killed_is_done_by_another(
    prefect_server, importable, benchmark, reference, tmp_path, monkeypatch, name
):
    monkeypatch.setenv("PLANTED_DELAY_S", "0.003")
    killed = []

    def kill():
        """End a worker that has committed a block of scores, and is therefore at the next one."""
        while not killed:
            time.sleep(0.02)
            if commits_below(tmp_path) >= 8:
                run = open_run(str(tmp_path), reference.run_id)
                for worker in workers(run, {"score"}):
                    os.kill(int(worker.rpartition(":")[2]), signal.SIGKILL)
                    killed.append(worker)
                    break

    thread = threading.Thread(target=kill, daemon=True)
    thread.start()
    outcome = explain(benchmark.spec(tmp_path, runner={"name": name, "workers": 2}))
    thread.join(timeout=1)
    assert len(killed) == 1
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    assert diff_runs(reference, run).bitwise
    assert not run.table("failures").num_rows
    later = workers(run, {"measure"})
    assert later
    assert later.isdisjoint(killed)
