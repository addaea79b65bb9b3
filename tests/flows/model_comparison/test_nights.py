"""The deployed comparison under a real server: the nights that it takes, what it writes, and its event.

Proves flows.flow_runs.comparison, flows.flow_runs.events, tasks.model_comparison.nights.
"""

import shutil
import time

import pyarrow.parquet as pq
import pytest
from tiny_benchmark import PATIENCE_S, Benchmark, add_picture, explain, merged, run_of

from flows.flow_runs.events import DRIFTED
from ilime_core.errors import InputError
from tasks.model_comparison.nights import last_two_runs
from tasks.runs.verify import verify_run
from tasks.spec import ExplainParameters
from tasks.storage.storage import Storage

LEAN = {
    "estimators": ["banzhaf"],
    "faithfulness": {"sample": 0},
    "perturbation": {"max_image_masks": 32, "max_text_masks": 16, "held_out": {"image": 0, "text": 0}},
}


@pytest.fixture(scope="module")
def corpus(benchmark, tmp_path_factory):
    folder = tmp_path_factory.mktemp("growing") / "corpus"
    shutil.copytree(benchmark.folder, folder)
    return Benchmark(folder)


@pytest.fixture(scope="module")
def nights(corpus, tmp_path_factory):
    """Two nights of one spec, a picture between them, and a run of another model; ids and the spec."""
    spec = corpus.spec(tmp_path_factory.mktemp("nights"), **LEAN)
    first = run_of(explain(spec)).run_id
    other = merged(spec, {"label": "colourless", "model": {"factory": "planted_plugin:colourless"}})
    run_of(explain(other))
    add_picture(corpus)
    return first, run_of(explain(spec)).run_id, spec


def state_of(spec, **parameters):
    """Call the deployed flow in this process."""
    from flows.deployed import compare

    return compare(spec=spec, **parameters, return_state=True)


def drifts(run_id):
    """Events of drift of a run that the server has stored."""
    from prefect.client.orchestration import get_client

    wanted = {"filter": {"event": {"name": [DRIFTED]}, "resource": {"id": [f"ilime.run.{run_id}"]}}}
    with get_client(sync_client=True) as client:
        return client.request("POST", "/events/filter", json=wanted).json()["events"]


def awaited(run_id, timeout_s=PATIENCE_S):
    deadline = time.monotonic() + timeout_s
    while not (found := drifts(run_id)):
        assert time.monotonic() < deadline, "no event came"
        time.sleep(0.2)
    return found


def test_two_nights_of_one_spec_are_compared_once_and_have_not_drifted(prefect_server, nights):
    first, second, spec = nights
    state = state_of(spec)
    assert state.is_completed(), state
    assert state.message == f"run {second} against {first}: no bound is crossed"
    place = f"{spec['output']}/comparisons/run_a={first}/run_b={second}/banzhaf.parquet"
    rows = pq.read_table(place, partitioning=None).to_pylist()
    [correlation] = [
        row["value"] for row in rows if (row["level"], row["quantity"]) == ("benchmark", "correlation")
    ]
    assert correlation == pytest.approx(1.0)
    recalls = [row for row in rows if row["quantity"] == "recall_at_1"]
    assert len(recalls) == 2
    for row in recalls:  # the new picture is no candidate
        assert (row["difference"], row["p_value"]) == (0.0, None)
    assert verify_run(Storage(spec["output"]), second) == []  # the table beside the runs is of none of them
    assert state_of(spec).message == f"run {second} was compared with {first} before"


def test_another_model_has_drifted_and_an_event_says_so(prefect_server, nights, tmp_path):
    _, second, spec = nights
    assert drifts(second) == []
    state = state_of(spec, against="colourless", out=str(tmp_path))
    assert state.is_completed()
    assert "correlation of W" in state.message
    assert ", below 0.9" in state.message
    [event] = awaited(second)
    assert event["payload"]["run_id"] == second
    assert event["payload"]["correlation"] < 0.9
    assert event["payload"]["crossed"][0] in state.message
    assert len(list(tmp_path.rglob("*.parquet"))) == 1
    from prefect.client.orchestration import get_client

    with get_client(sync_client=True) as client:
        shown = client.request("GET", "/artifacts/ilime-comparison/latest").json()["data"]
    assert shown.startswith(f"# Run {second} against ")
    assert event["payload"]["crossed"][0] in shown


def test_bounds_are_parameters_and_wrong_ones_end_in_one_line(prefect_server, nights, tmp_path):
    _, _, spec = nights
    state = state_of(spec, against="colourless", out=str(tmp_path), least_correlation=-1.0)
    assert state.message.endswith("no bound is crossed")
    wrong = state_of(spec, least_correlation=2.0)
    assert wrong.is_failed()
    assert wrong.message == "least_correlation: 2.0; a correlation lies in [-1, 1]"
    missing = state_of(spec, against="nosuch")
    assert missing.is_failed()
    assert "nosuch" in missing.message


def test_the_first_night_has_nothing_to_compare_with(prefect_server, nights, corpus, tmp_path):
    _, _, spec = nights
    alone = merged(spec, {"seed": 3})
    with pytest.raises(InputError, match="no run of this spec is finished"):
        last_two_runs(ExplainParameters.model_validate(alone))
    assert "no run of this spec is finished" in state_of(alone).message
    other = merged(spec, {"label": "colourless", "model": {"factory": "planted_plugin:colourless"}})
    assert (
        state_of(other).message == "nothing to compare with yet: this is the first finished run of the spec"
    )
