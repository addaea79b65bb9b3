"""What the Prefect UI shows of an explained benchmark afterwards."""

import pytest
from tiny_benchmark import explain, run_of


@pytest.mark.parametrize("blocks_per_task", [pytest.param(1, marks=pytest.mark.slow), 4])
def test_every_block_has_a_finished_task_run_and_the_flow_its_artifacts(
    prefect_server, benchmark, tmp_path, blocks_per_task
):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import ArtifactFilter, FlowRunFilter, TaskRunFilter

    runner = {"name": "threads", "workers": 2, "blocks_per_task": blocks_per_task}
    run = run_of(explain(benchmark.spec(tmp_path, runner=runner)))
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
        assert len(tasks) == n_blocks
    else:
        assert len(tasks) < n_blocks
    by_key = {artifact.key: artifact for artifact in artifacts}
    assert by_key["ilime-progress"].data == 100.0
    assert by_key["ilime-progress"].description == f"{n_blocks} of {n_blocks} blocks"
    summary = by_key["ilime-summary"].data
    assert summary.startswith(f"# Run {run.run_id}")
    assert "image to text: R@1" in summary
    assert "ilime-failures" not in by_key


def test_what_ends_the_flow_itself_is_raised_and_not_only_recorded(
    prefect_server, benchmark, tmp_path, monkeypatch
):
    from ilime_core.errors import InputError

    def refuse(*_):
        raise InputError("no summary today")

    monkeypatch.setattr("flows.prefect_flows.publish_summary", refuse)
    with pytest.raises(InputError, match="no summary today"):
        explain(benchmark.spec(tmp_path, runner={"name": "threads"}, faithfulness={"sample": 0}))


def test_a_store_that_cannot_be_reached_ends_in_one_line_and_status_3(call, monkeypatch, tmp_path):
    from tasks.storage import StorageError

    def fail(*_):
        raise StorageError("the store does not answer")

    monkeypatch.setattr("flows.listing.list_runs", fail)
    status, _, said = call("runs", tmp_path)
    assert status == 3
    assert said.strip().splitlines() == [
        "ilime: the store does not answer; nothing committed is lost: the same command resumes"
    ]
