"""Faults of a disk: a full or forbidden one is named with its room; others may pass and are retried."""

import errno
import os

import pytest

from ilime_core.errors import InputError
from tasks.storage.storage import FullError, Storage, StorageError, UnwritableError


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
def test_full_forbidden_and_passing_faults_are_separated(tmp_path, monkeypatch, number, kind):
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
