"""Rows of executions on a full disk and after kills: recorded once, or removed."""

import errno
import os
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from killing import Ended, ended_after

from tasks.run_files.committed import committed, read_rows
from tasks.run_files.executions import FREE, ExecutionRow, append_execution, record_left_rows
from tasks.storage.storage import FullError, Storage
from tasks.tables.counts import Counts

RUN = "r0123456789abcdef"
MODEL = SimpleNamespace(device="cpu")


@pytest.fixture
def run(tmp_path):
    storage = Storage(str(tmp_path / "out"))
    return SimpleNamespace(storage=storage, run_id=RUN, plan=SimpleNamespace(model=MODEL))


def row(**changes):
    counts = {"counts": Counts()} | dict.fromkeys(("blocks_done", "blocks_adopted", "retries"), 0)
    known = {"kind": "explain", "started": datetime.now(UTC), "status": "finished", "runner": "inline"}
    return ExecutionRow(**(known | counts | {"flow_run": None} | changes))


def recorded(storage):
    """Statuses of the rows that records name, after a look that nothing else lies there."""
    commits = committed(storage, RUN, "finish").values()
    parts = {part.key for commit in commits for part in commit.parts}
    assert {file.key for file in storage.list("executions")} == parts
    return read_rows(storage, commits, "executions", ["status"])["status"].to_pylist()


def test_a_row_whose_record_found_no_room_is_taken_back(run, monkeypatch):
    append_execution(run, row(status="stopped"))
    with monkeypatch.context() as patch:
        refused = OSError(errno.ENOSPC, "No space left on device")
        patch.setattr(os, "link", lambda *_: (_ for _ in ()).throw(refused))
        with pytest.raises(FullError):
            append_execution(run, row())
    assert recorded(run.storage) == ["stopped"]


def test_a_row_without_its_record_gets_one_from_the_next_start(run, monkeypatch):
    with pytest.raises(Ended), ended_after(monkeypatch, 1):
        append_execution(run, row(status="stopped"))
    assert len(run.storage.list("executions")) == 1
    append_execution(run, row())
    assert recorded(run.storage) == ["stopped", "finished"]
    # Killed there once more; the run is finished, and no row follows.
    with pytest.raises(Ended), ended_after(monkeypatch, 1):
        append_execution(run, row(status="partly_failed"))
    record_left_rows(run.storage, RUN)
    assert recorded(run.storage) == ["stopped", "finished", "partly_failed"]


def test_a_slow_start_finds_its_row_recorded_and_writes_no_second_one(run, monkeypatch):
    create = Storage.create

    def slow(self, key, data):
        monkeypatch.setattr(Storage, "create", create)
        record_left_rows(run.storage, RUN)
        return create(self, key, data)

    monkeypatch.setattr(Storage, "create", slow)
    append_execution(run, row())
    assert recorded(run.storage) == ["finished"]


def test_what_is_no_row_is_removed(run):
    append_execution(run, row())
    good = run.storage.list("executions")[0].key
    for block, data in ((1, run.storage.read_bytes(good)), (7, b"cut off")):
        run.storage.write(f"executions/run_id={RUN}/part-finish-{block:05d}-{'0' * 12}.parquet", data)
    record_left_rows(run.storage, RUN)
    assert recorded(run.storage) == ["finished"]
    assert committed(run.storage, RUN, "finish")[1].facts == FREE
