"""Deployed flows under a real server and a real worker, as a schedule starts them.

Proves flows.actions.serve, flows.engine.child_process, flows.flow_runs.flow_work.
"""

import os
import socket
import time
from pathlib import Path

import pytest
from killing import processes_of
from prefect.client.orchestration import SyncPrefectClient
from prefect.exceptions import FailedRun, PrefectHTTPStatusError
from prefect.states import Cancelling
from tiny_benchmark import FIXTURES, PACKAGE, PATIENCE_S

from flows.actions.serve import Site, serving
from tasks.runs.run import open_run

TINY = {"faithfulness": {"sample": 0}, "runner": {"name": "threads"}}


def free_port() -> int:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


def of(home: Path) -> dict[str, str]:
    """What a work pool's job variables would say: the plugin can be imported and is allowed."""
    path = os.pathsep.join(filter(None, [str(FIXTURES), os.environ.get("PYTHONPATH", "")]))
    return {"PYTHONPATH": path, "ILIME_PLUGINS": PACKAGE, "OMP_NUM_THREADS": "1", "HOME": str(home)}


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    home = tmp_path_factory.mktemp("site")
    with serving(Site(home, free_port(), of(home))) as running:
        yield running
    assert processes_of(home) == []


@pytest.fixture(scope="module")
def client(site):
    with SyncPrefectClient(site.url) as one:
        yield one


@pytest.fixture(scope="module")
def deployed(site, client, benchmark, tmp_path_factory):
    """Deploy the tiny benchmark; its id and the output."""
    output = tmp_path_factory.mktemp("deployed")
    site.deploy("flows.deployed.explain", "tiny", {"spec": benchmark.spec(output, **TINY)})
    return client.read_deployment_by_name("ilime explain/tiny").id, output


def start(client, deployment, spec=None, variables=None):
    parameters = {} if spec is None else {"spec": spec}
    run = client.create_flow_run_from_deployment(deployment, parameters=parameters, job_variables=variables)
    return run.id


def ended(client, flow_run, timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        run = client.read_flow_run(flow_run)
        if run.state.is_final():
            return run
        time.sleep(0.3)
    raise AssertionError(f"still {run.state}")


@pytest.mark.slow
def test_a_triggered_run_writes_its_tables_and_the_next_one_computes_nothing(client, deployed):
    deployment, output = deployed
    first = ended(client, start(client, deployment))
    assert first.state.is_completed(), first.state
    run = open_run(str(output), "latest")
    assert first.name == f"tiny-{run.run_id}"
    assert run.table("interactions").num_rows > 0
    [execution] = run.table("executions").to_pylist()
    assert execution["flow_run"] == str(first.id)
    again = ended(client, start(client, deployment))
    assert again.state.is_completed()
    assert again.name == first.name
    assert "nothing to compute" in again.state.message
    assert run.table("executions").num_rows == 1


@pytest.mark.slow
def test_a_second_copy_is_cancelled_and_the_first_ends_in_order_when_asked(
    client, deployed, benchmark, tmp_path
):
    deployment, _ = deployed
    slow = {"env": {"PLANTED_DELAY_S": "0.05"}}
    small = {"image_encodes": 60, "text_encodes": 30}  # a stop waits for the end of a block
    first = start(client, deployment, benchmark.spec(tmp_path, blocks=small, **TINY), slow)
    wait_until_it_scores(tmp_path)
    second = ended(client, start(client, deployment))
    assert second.state.is_cancelled()
    assert second.state.message == "Deployment concurrency limit reached."
    client.set_flow_run_state(first, Cancelling())
    stopped = ended(client, first)
    assert stopped.state.is_cancelled()
    assert stopped.state.message == "stopped in order; what is committed stays, the next run resumes"
    assert not open_run(str(tmp_path), "latest").finished
    [execution] = open_run(str(tmp_path), "latest").table("executions").to_pylist()
    assert execution["status"] == "stopped"


def wait_until_it_scores(output: Path, timeout_s: float = PATIENCE_S) -> None:
    deadline = time.monotonic() + timeout_s
    while not list(output.glob("_runs/*/commits/segment/*.json")):
        assert time.monotonic() < deadline
        time.sleep(0.1)


@pytest.mark.slow
def test_the_api_itself_refuses_parameters_that_are_no_spec(client, deployed, benchmark, tmp_path):
    deployment, _ = deployed
    for wrong in ({"sed": 1}, {"storage": {"profile": "mine"}}):
        with pytest.raises(PrefectHTTPStatusError, match="409"):
            start(client, deployment, benchmark.spec(tmp_path) | wrong)


def state_of(spec, kind="explain"):
    """Call a deployed flow in this process."""
    from flows import deployed as flows

    return getattr(flows, kind)(spec=spec, return_state=True)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"sed": 1}, "spec: sed is not a field; did you mean 'seed'?"),
        ({"storage": {"profile": "mine"}}, "AWS_PROFILE in the worker's environment"),
        ({"corpus": {"split": "tset"}}, "did you mean 'test'?"),
    ],
)
def test_bad_input_ends_in_one_line(prefect_server, benchmark, tmp_path, changes, message):
    state = state_of(benchmark.spec(tmp_path, **changes))
    assert state.is_failed()
    assert message in state.message
    assert "\n" not in state.message


def test_away_from_home_the_line_of_bad_input_stays_with_the_worker(
    prefect_server, benchmark, tmp_path, monkeypatch, caplog
):
    monkeypatch.setattr("flows.deployed.api_is_local", lambda: False)
    state = state_of(benchmark.spec(tmp_path, corpus={"annotations": "/nowhere/secret.json"}))
    assert state.message == "InputError: the log of the worker says more"
    assert "/nowhere/secret.json" in caplog.text


def test_measuring_before_explaining_says_what_to_do_and_later_measures(prefect_server, benchmark, tmp_path):
    early = state_of(benchmark.spec(tmp_path, **TINY), "measure")
    assert "is not finished; ilime explain runs it first" in early.message
    assert state_of(benchmark.spec(tmp_path, **TINY)).is_completed()
    measured = state_of(benchmark.spec(tmp_path, **TINY | {"faithfulness": {"sample": 2}}), "measure")
    assert measured.is_completed(), measured
    assert open_run(str(tmp_path), "latest").table("faithfulness").num_rows > 0


def test_an_orderly_failed_state_has_no_traceback_behind_it(prefect_server, benchmark, tmp_path, caplog):
    """As the process of a worker runs a flow: Prefect raises the state once more, and logs that it did."""
    from prefect.flow_engine import run_flow
    from prefect.logging import get_logger

    from flows import deployed as flows

    spec = {"spec": benchmark.spec(tmp_path, sed=1)}
    with pytest.raises(FailedRun):
        run_flow(flows.explain, parameters=spec, error_logger=get_logger("flow_runs"))
    assert "Finished in state Failed" in caplog.text
    assert "unexpected exception" not in caplog.text
    assert "Traceback" not in caplog.text
