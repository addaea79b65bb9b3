"""A bug: exit status 3, the traceback in a log file, in Prefect, and on the terminal with --debug.

Proves flows.console.failure_log, flows.session.failed_blocks.
"""

import json

import pytest
from tiny_benchmark import LEAN

from flows.console.failure_log import DEBUG_VARIABLE
from ilime_core.errors import InputError, InternalError
from tasks.run_files.plan import open_run_plan
from tasks.stages.summarise import summarise

LINE = 'raise KeyError("planted")'


def planted(*_):
    raise KeyError("planted")


@pytest.fixture
def state(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.setenv(DEBUG_VARIABLE, "")
    return tmp_path / "state" / "ilime" / "log"


@pytest.fixture(params=["inline", "threads"])
def spec(request, benchmark, tmp_path):
    if request.param == "threads":
        request.getfixturevalue("prefect_server")
    runner = {"runner": {"name": request.param}}
    return benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **LEAN, **runner)


def test_a_bug_in_a_stage_leaves_its_traceback(call, spec, state, monkeypatch):
    monkeypatch.setattr(summarise, "aggregate_tables", planted)
    status, _, err = call("explain", spec, "--limit", "2")
    assert status == 3
    lines = [json.loads(line) for line in err.splitlines() if line.startswith("{")]
    [failed] = [line for line in lines if line["event"] == "block-failed"]
    assert failed["message"] == "ilime: summarise, block 0: KeyError: 'planted'"
    assert LINE in failed["traceback"]
    [file] = state.iterdir()
    assert file.name == f"{failed['run_id']}.jsonl"
    assert file.stat().st_mode & 0o777 == 0o600
    [kept] = map(json.loads, file.read_text().splitlines())
    assert (kept["stage"], kept["block"], kept["traceback"]) == ("summarise", 0, failed["traceback"])
    [ended] = [line["message"] for line in lines if line["event"] == "ended"]
    assert ended.startswith(f"ilime: this is a bug, please report it: the traceback is in {file};")
    monkeypatch.undo()
    assert call("explain", spec, "--limit", "2")[0] == 0  # nothing committed was lost


@pytest.mark.parametrize("debug", [False, True])
def test_a_terminal_shows_the_traceback_with_debug_alone(
    call, benchmark, tmp_path, state, monkeypatch, debug
):
    monkeypatch.setattr(summarise, "aggregate_tables", planted)
    monkeypatch.setenv("TTY_COMPATIBLE", "1")  # as rich asks whether somebody looks
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables", **LEAN)
    status, _, err = call("explain", spec, "--limit", "2", *["--debug"] * debug)
    assert status == 3
    assert "summarise, block 0: KeyError: 'planted'" in err
    assert (LINE in err) == debug


def test_prefect_shows_the_traceback_in_the_log_of_the_task_run(
    prefect_server, benchmark, tmp_path, state, monkeypatch
):
    from prefect.client.orchestration import get_client
    from prefect.client.schemas.filters import FlowRunFilter, LogFilter
    from prefect.logging.handlers import APILogWorker
    from tiny_benchmark import explain

    monkeypatch.setattr(summarise, "aggregate_tables", planted)
    outcome = explain(
        benchmark.spec(tmp_path, **LEAN, runner={"name": "threads"}, corpus={"limit": 2}, label="planted bug")
    )
    [failure] = outcome.failures
    assert (failure.kind, failure.public) == ("KeyError", "KeyError")
    APILogWorker.drain_all(timeout=10)
    with get_client(sync_client=True) as client:
        name = f"planted bug-{outcome.run.run_id}"
        [flow_run] = client.read_flow_runs(flow_run_filter=FlowRunFilter(name={"any_": [name]}))
        [task] = [
            log.message
            for log in client.read_logs(LogFilter(flow_run_id={"any_": [str(flow_run.id)]}), limit=200)
            if log.message.startswith("summarise, block 0: KeyError") and log.task_run_id
        ]
    assert LINE in task


@pytest.mark.parametrize("debug", [False, True])
def test_a_bug_outside_of_the_stages_leaves_its_traceback(call, tmp_path, state, monkeypatch, debug):
    import flows.actions.listing

    monkeypatch.setattr(flows.actions.listing, "list_runs", planted)
    status, _, err = call("runs", tmp_path, *["--debug"] * debug)
    assert status == 3
    [file] = state.iterdir()
    assert LINE in json.loads(file.read_text())["traceback"]
    assert err.splitlines()[-1] == (
        f"ilime: this is a bug (KeyError: 'planted'), please report it: the traceback is in {file}; "
        "nothing committed is lost: the same command resumes"
    )
    assert (LINE in err) == debug


def test_without_a_place_for_the_log_the_traceback_is_printed(call, tmp_path, state, monkeypatch):
    import flows.actions.listing

    state.parent.mkdir(parents=True)
    state.write_text("no folder")
    monkeypatch.setattr(flows.actions.listing, "list_runs", planted)
    status, _, err = call("runs", tmp_path)
    assert (status, LINE in err) == (3, True)


def test_an_internal_error_is_a_bug_and_no_bad_input(call, reference, state, monkeypatch):
    with pytest.raises(InternalError, match="block 7 of stage score is not committed"):
        open_run_plan(reference.storage.url, reference.run_id).commits("score", [7])
    import flows.actions.listing

    def broken(root):
        raise InternalError("block 7 of stage score is not committed")

    monkeypatch.setattr(flows.actions.listing, "list_runs", broken)
    status, _, err = call("runs", reference.storage.url)
    assert status == 3
    assert "this is a bug (InternalError: block 7 of stage score is not committed)" in err


def test_an_input_error_is_a_value_error_and_an_internal_error_none():
    assert issubclass(InputError, ValueError)
    assert not issubclass(InternalError, ValueError)
