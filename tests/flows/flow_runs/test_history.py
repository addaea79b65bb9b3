"""What the Prefect UI shows of an explained benchmark afterwards.

Proves flows.flow_runs.assets, flows.flow_runs.conclusion, flows.flow_runs.events, flows.runners.task_log,
flows.session.session.
"""

import time

import pytest
from tiny_benchmark import explain, run_of


def events_of(resource_id, n=1, timeout_s=15):
    """Events about a resource; the server stores them a moment later."""
    from prefect.client.orchestration import get_client

    body = {"filter": {"resource": {"id": [resource_id]}}, "limit": 50}
    deadline = time.monotonic() + timeout_s
    with get_client(sync_client=True) as client:
        while True:
            found = client.request("POST", "/events/filter", json=body).json()["events"]
            if len(found) >= n or time.monotonic() > deadline:
                return found
            time.sleep(0.1)


def log_of(flow_run_id):
    """Messages of a flow run and its task runs, as the API has them."""
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import LogFilter
    from prefect.logging.handlers import APILogWorker

    APILogWorker.drain_all(timeout=10)
    with get_client(sync_client=True) as client:
        logs = client.read_logs(LogFilter(flow_run_id={"any_": [flow_run_id]}), limit=200)
    return [log.message for log in logs]


@pytest.mark.parametrize("blocks_per_task", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_every_block_has_a_finished_task_run_and_the_flow_its_artifacts(
    prefect_server, benchmark, tmp_path, blocks_per_task
):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter, TaskRunFilter

    runner = {"name": "threads", "workers": 2, "blocks_per_task": blocks_per_task}
    run = run_of(explain(benchmark.spec(tmp_path, runner=runner, seed=blocks_per_task)))
    [execution] = run.table("executions").to_pylist()
    ours = FlowRunFilter(id={"any_": [execution["flow_run"]]})
    with get_client(sync_client=True) as client:
        [flow_run] = client.read_flow_runs(flow_run_filter=ours)
        tasks = client.read_task_runs(flow_run_filter=ours, task_run_filter=TaskRunFilter(), limit=200)
        artifacts = client.read_artifacts(artifact_filter=ArtifactFilter(flow_run_id={"any_": [flow_run.id]}))
    assert flow_run.state.is_completed()
    assert flow_run.name == f"tiny-{run.run_id}"
    assert {task.state.type.value for task in tasks} == {"COMPLETED"}
    n_blocks = execution["blocks_done"]
    if blocks_per_task == 1:
        assert len(tasks) == n_blocks + 1  # and the tables as an asset
    else:
        assert len(tasks) < n_blocks
    assert sum(task.name == "finish-00000-tables" for task in tasks) == 1
    by_key = {artifact.key: artifact for artifact in artifacts}
    assert by_key["ilime-progress"].data == 100.0
    assert by_key["ilime-progress"].description == f"{n_blocks} of {n_blocks} blocks"
    summary = by_key["ilime-summary"].data
    assert summary.startswith(f"# Run {run.run_id}")
    assert "image to text: R@1" in summary
    assert "ilime-failures" not in by_key
    assert f"(<file://{tmp_path}>)" in summary
    told = events_of(f"ilime.run.{run.run_id}")
    assert [event["event"] for event in told] == ["ilime.run.finished"]
    assert told[0]["payload"]["computed_blocks"] == n_blocks
    [made] = events_of(f"file://{tmp_path}")
    assert made["event"] == "prefect.asset.materialization.succeeded"
    assert made["payload"]["run_id"] == run.run_id
    assert made["payload"]["n_images"] == 4


def test_what_ends_the_flow_itself_is_raised_and_not_only_recorded(
    prefect_server, benchmark, tmp_path, monkeypatch
):
    from ilime_core.errors import InputError

    def refuse(*_):
        raise InputError("no summary today")

    monkeypatch.setattr("flows.flow_runs.conclusion.publish_summary", refuse)
    with pytest.raises(InputError, match="no summary today"):
        explain(benchmark.spec(tmp_path, runner={"name": "threads"}, faithfulness={"sample": 0}))


def test_a_store_that_cannot_be_reached_ends_in_one_line_and_status_3(call, monkeypatch, tmp_path):
    from tasks.storage.storage import StorageError

    def fail(*_):
        raise StorageError("the store does not answer")

    monkeypatch.setattr("flows.actions.listing.list_runs", fail)
    status, _, said = call("runs", tmp_path)
    assert status == 3
    assert said.strip().splitlines() == [
        "ilime: the store does not answer; nothing committed is lost: the same command resumes"
    ]


def test_a_partly_failed_run_says_so_in_state_event_and_log(prefect_server, benchmark, tmp_path):
    import shutil

    from prefect.client.orchestration import get_client
    from tiny_benchmark import Benchmark

    shutil.copytree(benchmark.folder, tmp_path / "corpus")
    corpus = Benchmark(tmp_path / "corpus")
    (corpus.images / "shapes-1.png").write_bytes(b"no picture")
    spec = corpus.spec(tmp_path / "tables", runner={"name": "threads"}, faithfulness={"sample": 0})
    run = run_of(explain(spec))
    [execution] = run.table("executions").to_pylist()
    [failure] = run.table("failures").to_pylist()
    with get_client(sync_client=True) as client:
        state = client.read_flow_run(execution["flow_run"]).state
    assert state.is_failed()
    assert "1 of 12 items failed (embed undecodable 1), tolerated are 0.0%" in state.message
    [told] = events_of(f"ilime.run.{run.run_id}")
    assert told["event"] == "ilime.run.partly-failed"
    assert told["payload"]["failed"] == [{"stage": "embed", "reason": "undecodable", "items": 1}]
    assert (told["payload"]["items"], told["payload"]["missing_blocks"]) == (12, {})
    assert "shapes" not in str(told)
    lines = log_of(execution["flow_run"])
    assert any(line.startswith(f"embed, block 0, entry {failure['entry']}: undecodable") for line in lines)
    assert any(line.startswith("score, block 0: committed, ") for line in lines)


def test_blocks_that_are_missing_raise_the_event_too(prefect_server, benchmark, tmp_path, monkeypatch):
    def refuse(*_):
        raise ValueError("shapes-0.png is cursed")

    monkeypatch.setattr("tasks.stages.summarise.summarise.run_block", refuse)
    spec = benchmark.spec(tmp_path, runner={"name": "threads"}, faithfulness={"sample": 0}, seed=77)
    outcome = explain(spec)
    assert not outcome.finished
    [told] = events_of(f"ilime.run.{outcome.run.run_id}")
    assert told["event"] == "ilime.run.partly-failed"
    assert told["payload"]["missing_blocks"] == {"summarise": 1}
    assert "cursed" not in str(told)
