"""A block that ends whatever process it is given is given up after a few of them.

Proves flows.runners.cluster.
"""

import os
from collections import Counter
from pathlib import Path

import pytest
from tiny_benchmark import FIXTURES

from flows.console.signals import StopSignals
from flows.runners.choice import make_runner, opened_cluster
from flows.runners.cluster import LOST_AT_MOST
from tasks.spec import RunnerParameters


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "ray"])
def test_a_deadly_block_is_given_up_and_others_are_done(prefect_server, tmp_path, monkeypatch, name):
    import dying_blocks
    from one_stage import run_stage

    path = os.pathsep.join(filter(None, [str(FIXTURES), os.environ.get("PYTHONPATH", "")]))
    monkeypatch.setenv("PYTHONPATH", path)
    parameters = RunnerParameters(name=name, workers=2)
    done = []
    with opened_cluster(parameters) as cluster:
        runner = make_runner(parameters, StopSignals(), cluster=cluster)
        failures = run_stage(runner, "fit", dying_blocks.body, str(tmp_path), "r1", [0, 1, 2], done.append)
    assert [failure.block for failure in failures] == [1]
    assert "lost" in failures[0].message
    begun = Counter({file.name: len(file.read_text().split()) for file in Path(tmp_path).iterdir()})
    assert begun["block-1"] == 1 + LOST_AT_MOST
    assert {report.block for report in done} == {0, 2}
