"""The same numbers from workers in other processes, also when one of them dies; what kills each is given up.

Proves flows.runners.cluster, flows.runners.dask_cluster, flows.runners.dask_pool, flows.runners.ray_cluster,
flows.runners.ray_pool.
"""

import os
import signal
import threading
import time
from collections import Counter
from contextlib import nullcontext
from copy import copy

import dying_blocks
import pytest
from killing import commits_below
from one_stage import run_stage
from tiny_benchmark import FIXTURES, explain, run_of

from flows.console.signals import StopSignals
from flows.runners.choice import make_runner, opened_cluster
from flows.runners.cluster import LOST_AT_MOST
from tasks.comparison.diff import diff_runs
from tasks.runs.run import open_run
from tasks.spec import RunnerParameters

ENCODING = {"embed", "score", "measure"}
OTHER = {"segment", "fit"}


@pytest.fixture(scope="module", params=[("dask", "device"), ("ray", "GPU")], ids=["dask", "ray"])
def started(request, prefect_server, tmp_path_factory):
    """Two workers, one with a device; all tests share them, because each imports torch and Prefect."""
    name, resource = request.param
    loads = tmp_path_factory.mktemp("loads") / "loads"
    path = os.pathsep.join(filter(None, [str(FIXTURES), os.environ.get("PYTHONPATH", "")]))
    with (
        pytest.MonkeyPatch.context() as patch
    ):  # they find the plugins as they would on a machine of their own
        patch.setenv("PYTHONPATH", path)
        patch.setenv("ILIME_PLUGINS", "planted_plugin,counting_plugin")
        patch.setenv("COUNTING_PLUGIN_LOG", str(loads))
        patch.setenv("PLANTED_DELAY_S", "0.001")
        parameters = RunnerParameters(name=name, workers=2, device_resource=resource)
        with opened_cluster(parameters) as cluster:
            yield parameters, cluster, loads


@pytest.fixture
def equal(started, monkeypatch):
    """The same workers, of which each may encode; runs of this test find them started."""
    parameters, cluster, _ = started
    same = copy(cluster)
    same._resource = ""
    monkeypatch.setattr("flows.execution.opened_cluster", lambda _: nullcontext(same))
    return parameters.model_copy(update={"device_resource": ""}), same


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
def test_two_processes_give_the_same_bits_and_one_of_them_holds_the_model(
    started, benchmark, reference, tmp_path, monkeypatch
):
    parameters, cluster, loads = started
    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin,counting_plugin")
    monkeypatch.setattr("flows.execution.opened_cluster", lambda _: nullcontext(cluster))
    model = {"factory": "counting_plugin:make"}
    outcome = explain(benchmark.spec(tmp_path, model=model, runner=parameters.model_dump()))
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    report = diff_runs(reference, run)
    assert report.bitwise, report.lines
    encoded, other = workers(run, ENCODING), workers(run, OTHER)
    assert len(encoded) == 1
    assert other - encoded
    assert f"{os.getpid()}" not in {worker.rpartition(":")[2] for worker in encoded | other}
    loaded = loads.read_text().split()
    assert len(loaded) == len(set(loaded))  # segmenting needs the model's view, so that others load it too
    assert {worker.rpartition(":")[2] for worker in encoded} <= set(loaded)
    assert run.table("executions")["runner"].to_pylist() == [parameters.name]


@pytest.mark.slow
def test_a_block_whose_worker_is_killed_is_done_by_another(equal, benchmark, reference, tmp_path):
    parameters, _ = equal
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
    outcome = explain(benchmark.spec(tmp_path, runner=parameters.model_dump()))
    thread.join(timeout=1)
    assert len(killed) == 1
    assert outcome.finished, outcome.failures
    run = run_of(outcome)
    assert diff_runs(reference, run).bitwise
    assert not run.table("failures").num_rows
    later = workers(run, {"measure"})
    assert later
    assert later.isdisjoint(killed)


@pytest.mark.slow
def test_a_block_that_ends_every_process_is_given_up_and_others_are_done(equal, tmp_path):
    parameters, cluster = equal
    done = []
    runner = make_runner(parameters, StopSignals(), cluster=cluster)
    failures = run_stage(runner, "fit", dying_blocks.body, str(tmp_path), "r1", [0, 1, 2], done.append)
    assert [failure.block for failure in failures] == [1]
    assert "lost" in failures[0].message
    begun = Counter({file.name: len(file.read_text().split()) for file in tmp_path.iterdir()})
    assert begun["block-1"] == 1 + LOST_AT_MOST
    assert {report.block for report in done} == {0, 2}
