"""Digests are remembered, and forgotten when a file may have changed."""

import hashlib
import os

import pytest

from tasks.storage import digest_cache
from tasks.storage.digest_cache import file_digest

OLD = 1_700_000_000_000_000_000


@pytest.fixture(autouse=True)
def hashed(monkeypatch, tmp_path):
    """The files that were read."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    files, real = [], digest_cache._hash
    monkeypatch.setattr(
        digest_cache, "_hash", lambda stream: files.append(os.fstat(stream.fileno()).st_ino) or real(stream)
    )
    return files


@pytest.fixture
def settled(monkeypatch):
    """Files that were written just now count as old."""
    monkeypatch.setattr(digest_cache, "_SETTLED_NS", -1)


def write(path, data, mtime_ns):
    path.write_bytes(data)
    os.utime(path, ns=(mtime_ns, mtime_ns))
    return hashlib.sha256(data).hexdigest()


@pytest.mark.usefixtures("settled")
def test_an_unchanged_file_is_read_once(tmp_path, hashed):
    path = tmp_path / "a"
    digest = write(path, b"one", OLD)
    assert [file_digest(path), file_digest(path)] == [digest, digest]
    assert hashed == [path.stat().st_ino]


@pytest.mark.usefixtures("settled")
@pytest.mark.parametrize(("data", "mtime_ns"), [(b"four", OLD), (b"two", OLD + 1), (b"two", OLD)])
def test_another_size_or_time_is_read_again(tmp_path, data, mtime_ns):
    path = tmp_path / "a"
    write(path, b"one", OLD)
    file_digest(path)
    assert file_digest(path) == hashlib.sha256(b"one").hexdigest()
    write(path, data, mtime_ns)
    assert file_digest(path) == hashlib.sha256(data).hexdigest()


@pytest.mark.usefixtures("settled")
def test_files_that_change_places_are_read_again_whatever_their_times(tmp_path):
    one, two, between = (tmp_path / name for name in "abc")
    digests = [write(one, b"one", OLD), write(two, b"two", OLD)]
    assert [file_digest(one), file_digest(two)] == digests
    one.rename(between)
    two.rename(one)
    between.rename(two)
    assert [file_digest(one), file_digest(two)] == digests[::-1]


@pytest.mark.usefixtures("settled")
def test_a_file_that_changes_while_it_is_read_is_not_remembered(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write(path, b"one", OLD)
    real = digest_cache._hash
    with monkeypatch.context() as patch:
        patch.setattr(digest_cache, "_hash", lambda stream: (real(stream), write(path, b"two", OLD))[0])
        file_digest(path)
    assert file_digest(path) == hashlib.sha256(b"two").hexdigest()


def test_a_file_changed_just_now_is_not_remembered(tmp_path, hashed):
    path = tmp_path / "a"
    write(path, b"one", OLD)
    file_digest(path)
    assert file_digest(path) == hashlib.sha256(b"one").hexdigest()
    assert hashed == [path.stat().st_ino] * 2


def test_without_a_cache_folder_digests_are_still_right(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("x")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    assert file_digest(tmp_path / "file") == hashlib.sha256(b"x").hexdigest()
