"""Digests are remembered, and forgotten when a file may have changed."""

import hashlib
import os

import pytest

from tasks import digest_cache
from tasks.digest_cache import file_digest

OLD = 1_700_000_000_000_000_000


@pytest.fixture(autouse=True)
def hashed(monkeypatch, tmp_path):
    """The files that were read."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files, real = [], digest_cache._hash
    monkeypatch.setattr(digest_cache, "_hash", lambda path: files.append(path) or real(path))
    return files


def write(path, data, mtime_ns):
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return hashlib.sha256(data).hexdigest()


def test_an_unchanged_file_is_read_once(tmp_path, hashed):
    path = tmp_path / "a"
    digest = write(path, b"one", OLD)
    assert [file_digest(path), file_digest(path)] == [digest, digest]
    assert hashed == [path]


@pytest.mark.parametrize(("data", "mtime_ns"), [(b"four", OLD), (b"two", OLD + 1)])
def test_another_size_or_time_is_read_again(tmp_path, data, mtime_ns):
    path = tmp_path / "a"
    write(path, b"one", OLD)
    file_digest(path)
    assert file_digest(path) == hashlib.sha256(b"one").hexdigest()
    write(path, data, mtime_ns)
    assert file_digest(path) == hashlib.sha256(data).hexdigest()


def test_a_file_written_just_now_is_not_remembered(tmp_path, hashed):
    path = tmp_path / "a"
    path.write_bytes(b"one")
    file_digest(path)
    assert file_digest(path) == hashlib.sha256(b"one").hexdigest()
    assert hashed == [path, path]


def test_without_a_cache_folder_digests_are_still_right(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert file_digest(tmp_path / "file") == hashlib.sha256(b"x").hexdigest()
