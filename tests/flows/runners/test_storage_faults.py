"""When storage ends a run: at once if nothing can be written, after three blocks if it does not come back."""

import errno
import json
import os
import shutil
import time
from collections import Counter
from types import SimpleNamespace

import pytest
from one_stage import run_stage, threads_runner

from flows.console.signals import StopSignals
from flows.launch import exit_status
from flows.runners.inline import InlineRunner
from flows.runners.seam import BlockFailure, Fault, RetryPolicy
from flows.session.outcome import Outcome
from tasks.stages.block_report import BlockReport
from tasks.storage.storage import AccessError, FullError, Storage, StorageError

SOON = RetryPolicy(retries=3, first_delay_s=0.01)


class Body:
    """Raises what is given for a block, every time."""

    def __init__(self, errors):
        self.count = Counter()
        self._errors = errors

    def __call__(self, root, run_id, block):
        self.count[block] += 1
        if block in self._errors:
            raise self._errors[block]
        return BlockReport("score", block, 1)


@pytest.fixture(params=["inline", "threads", "threads in groups"])
def runner(request):
    stop = StopSignals()
    if request.param == "inline":
        return InlineRunner(stop, SOON), stop
    request.getfixturevalue("prefect_server")
    return threads_runner(1, 4 if "groups" in request.param else 1, stop, SOON), stop


def test_a_full_disk_is_not_tried_again_and_ends_the_run(runner):
    one, stop = runner
    body, heard = Body({1: FullError("/out: cannot write 'a': No space left on device")}), []
    one.on_fault = heard.append
    [failure] = run_stage(one, "score", body, "root", "r1", range(8), lambda _: None)
    assert body.count == {0: 1, 1: 1}
    assert failure.fault is Fault.UNWRITABLE
    assert stop.requested
    assert heard == []
    assert one.retries == 0


def test_a_store_that_cannot_be_reached_ends_the_run_when_its_retries_are_spent():
    stop, heard = StopSignals(), []
    one, body = InlineRunner(stop, SOON), Body({0: AccessError("s3://b: cannot be reached")})
    one.on_fault = heard.append
    [failure] = run_stage(one, "score", body, "root", "r1", range(8), lambda _: None)
    assert body.count == {0: 4}
    assert failure.fault is Fault.NO_ACCESS
    assert [(one.block, one.message) for one in heard] == [(0, "AccessError: s3://b: cannot be reached")]


@pytest.mark.parametrize(("lost", "done"), [((1, 2, 3), 4), ((1, 2, 4, 5), 8)])
def test_three_blocks_in_a_row_that_give_up_end_the_run(lost, done):
    one = InlineRunner(StopSignals(), SOON)
    body = Body(dict.fromkeys(lost, StorageError("slow down")))
    failures = run_stage(one, "score", body, "root", "r1", range(8), lambda _: None)
    assert [failure.block for failure in failures] == list(lost)
    assert sorted(body.count) == list(range(done))


def test_the_end_is_said_once_and_has_a_deadline(monkeypatch, capfd):
    left, stop = [], StopSignals("farewell", grace_s=0.05)
    monkeypatch.setattr(os, "_exit", left.append)
    with stop.handling():
        stop.fail("score, block 1: no room\nat all")
        stop.fail("score, block 2: no room")
        deadline = time.monotonic() + 10
        while not left and time.monotonic() < deadline:
            time.sleep(0.01)
    assert left == [3]
    said = capfd.readouterr().err.splitlines()
    assert [line.partition(";")[0] for line in said] == ["ilime: score, block 1: no room at all", "farewell"]


def ends(run, capsys, *failures, stopped=False):
    """Exit status and lines of a start that ended so."""
    outcome = Outcome(run, 1, failures, stopped)
    status = exit_status(outcome, SimpleNamespace(failures=SimpleNamespace(tolerate=0)))
    return status, [json.loads(line)["message"] for line in capsys.readouterr().err.splitlines()]


def test_blocks_that_fail_alike_are_one_line_and_a_lost_output_is_said(tmp_path, capsys):
    storage = Storage(str(tmp_path))
    run = SimpleNamespace(run_id="r0123456789abcdef", storage=storage, root=storage.url)
    storage.write(f"_runs/{run.run_id}/plan/plan.json", b"{}")
    failed = [
        BlockFailure("score", 3, "StorageError: lost", "StorageError"),
        *(BlockFailure.not_started("fit", block) for block in range(20)),
    ]
    status, lines = ends(run, capsys, *failed)
    assert status == 3
    assert lines == [
        "ilime: score, block 3: StorageError: lost",
        "ilime: fit, block 0 and 19 more: not started: a block that it reads was not committed",
        "ilime: stopped before the end; nothing committed is lost: the same command resumes",
    ]
    shutil.rmtree(tmp_path)
    status, lines = ends(run, capsys, stopped=True)
    assert status == 3
    assert "has lost the plan of this run" in lines[-1]


def test_a_run_on_a_disk_that_fills_up(call, benchmark, tmp_path, monkeypatch):
    spec = benchmark.write_spec(tmp_path / "spec.yaml", tmp_path / "tables")
    real, calls = os.fsync, Counter()

    def fsync(handle):
        calls["n"] += 1
        if calls["n"] > 150:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fsync)
        status, out, err = call("explain", spec)
    assert (status, out) == (3, "")
    assert calls["n"] < 160  # no block was tried again, and the row in executions once
    assert "FullError" in err
    assert " MiB" in err
    assert "no row in executions" in err
    assert "same command resumes" in err.splitlines()[-1]
    assert call("explain", spec)[0] == 0
    assert call("verify", "--root", tmp_path / "tables")[0] == 0
    assert not [file.key for file in Storage(str(tmp_path / "tables")).list() if ".partial" in file.key]
