"""A disk that takes nothing more: named with its room, told from faults that pass; nothing is left behind."""

import errno
import os
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from killing import Ended, ended_after

from ilime_core.errors import InputError
from tasks.run_files.commits import committed, read_rows
from tasks.run_files.executions import FREE, ExecutionRow, append_execution, record_left_rows
from tasks.stages.progress import attempt, report, set_listener
from tasks.storage.storage import FullError, Storage, StorageError, UnwritableError
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


def refusing(monkeypatch, number, after=0):
    """The system refuses to bring a file to the disk, from the call behind ``after`` on."""
    calls = {"left": after}
    real = os.fsync

    def fsync(handle):
        calls["left"] -= 1
        if calls["left"] < 0:
            raise OSError(number, os.strerror(number))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.mark.parametrize(
    ("number", "kind"),
    [
        (errno.ENOSPC, FullError),
        (errno.EDQUOT, FullError),
        (errno.EFBIG, FullError),
        (errno.EROFS, UnwritableError),
        (errno.EACCES, UnwritableError),
        (errno.EIO, StorageError),
    ],
)
def test_what_the_disk_says_is_told_apart(tmp_path, monkeypatch, number, kind):
    storage = Storage(str(tmp_path))
    storage.write("a", b"old")
    refusing(monkeypatch, number)
    for change in (storage.write, storage.create):
        with pytest.raises(StorageError, match=os.strerror(number)) as caught:
            change("a" if change == storage.write else "b", b"x" * 1234)
        assert type(caught.value) is kind
        said = str(caught.value)
        assert ("1,234 bytes" in said) == (kind is not StorageError)
        assert (" MiB" in said) == (kind is FullError)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    assert storage.read_bytes("a") == b"old"


def test_a_full_place_is_no_wrong_place(tmp_path, monkeypatch):
    refusing(monkeypatch, errno.EROFS)
    with pytest.raises(InputError, match="Read-only file system; choose another output"):
        Storage(str(tmp_path / "a")).check_writable()
    refusing(monkeypatch, errno.ENOSPC)
    with pytest.raises(FullError, match="free are"):
        Storage(str(tmp_path / "b")).check_writable()


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


def test_what_a_failed_attempt_has_counted_is_taken_back():
    heard = []

    def fail():
        report("score", 5, "images")
        report("score", 3, "images")
        raise StorageError("lost")

    set_listener(lambda *what: heard.append(what))
    try:
        with pytest.raises(StorageError), attempt():
            fail()
        with attempt():
            report("score", 8, "images")
    finally:
        set_listener(None)
    assert sum(n for _, n, _ in heard) == 8
    assert ("score", -8, "images") in heard
