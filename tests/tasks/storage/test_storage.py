"""Storage: keys stay below the root, writes are atomic, creation is exclusive.

Proves tasks.storage.keys, tasks.storage.local_files, tasks.storage.local_links, tasks.storage.paths and
tasks.storage.records.
"""

import hashlib
import multiprocessing
import os
import pickle
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from ilime_core.errors import InputError
from tasks.storage.storage import MissingFileError, Storage, StorageError

ESCAPES = [
    "",
    "/etc/passwd",
    "../up",
    "a/../../b",
    "s3://bucket/x",
    "file:x",
    "C:x",
    "a\\..\\b",
    "a//b",
    "./a",
]
ESCAPES += ["a/\x00", "a\n", "a/", "x" * 256, "/".join(["x" * 200] * 6), "\ud800"]


@pytest.fixture(params=["local", "s3"])
def storage(request, tmp_path):
    return (
        Storage(str(tmp_path / "root")) if request.param == "local" else request.getfixturevalue("s3_storage")
    )


@pytest.mark.parametrize("key", ESCAPES)
def test_a_key_that_could_leave_the_root_is_refused(storage, key):
    for use in (storage.read_bytes, storage.open, storage.stat, storage.delete, storage.fingerprint):
        with pytest.raises(InputError, match=r"key .* relative to its root"):
            use(key)
    for use in (storage.write, storage.create):
        with pytest.raises(InputError):
            use(key, b"x")


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("simplecache::s3://bucket/x", "chained"),
        ("https://example.org/x", "'https' is not one of file, s3"),
        ("s3:///x", "names no bucket"),
        ("s3://bucket/../x", "'..' segment"),
        ("file://host/x", "not an absolute path"),
        ("  ", "empty"),
        ("/data/caf\udce9", r"/data/caf\\xe9 is not UTF-8"),
        ("file:///data/caf%E9", r"/data/caf\\xe9 is not UTF-8"),
    ],
)
def test_a_root_of_another_kind_is_refused(url, message):
    with pytest.raises(InputError, match=message):
        Storage(url)


@pytest.mark.parametrize("url", ["s3://AKIA:hunter2@bucket/x", "s3://bucket/x?X-Amz-Signature=hunter2"])
def test_a_refused_secret_is_not_printed(url):
    with pytest.raises(InputError) as caught:
        Storage(url)
    assert "hunter2" not in str(caught.value)
    assert "AKIA" not in str(caught.value)


def test_what_was_written_is_read_listed_and_removed(storage):
    storage.write("b/2", b"two")
    storage.write("b/1", b"one")
    storage.write("a", b"")
    storage.write("b/2", b"second")
    assert storage.read_bytes("b/2") == b"second"
    assert [(f.key, f.size) for f in storage.list()] == [("a", 0), ("b/1", 3), ("b/2", 6)]
    assert [f.key for f in storage.list("b")] == ["b/1", "b/2"]
    assert storage.list("absent") == []
    assert storage.list("b/1") == []
    assert storage.exists("b/1")
    storage.delete("b/1")
    storage.delete("b/1")
    assert not storage.exists("b/1")
    assert not storage.exists("b")
    with storage.open("b/2") as stream:
        stream.seek(3)
        assert stream.read(2) == b"on"


def test_a_range_is_whole_or_an_error(storage):
    storage.write("k", b"0123456789")
    assert storage.read_range("k", 2, 5) == b"234"
    assert storage.read_range("k", 9, 10) == b"9"
    with pytest.raises(StorageError, match=r"'k': 2 bytes came of 5 from byte 8 on"):
        storage.read_range("k", 8, 13)
    with pytest.raises(MissingFileError, match="absent"):
        storage.read_range("absent", 0, 1)


def test_listings_see_what_another_storage_wrote(storage):
    other = pickle.loads(pickle.dumps(storage))
    assert storage.list() == []
    other.write("new", b"x")
    assert [f.key for f in storage.list()] == ["new"]


def test_absence_is_told_from_other_faults(storage):
    storage.write("a", b"x")
    for key in ("b", "c/d"):
        with pytest.raises(MissingFileError, match=key):
            storage.read_bytes(key)
    with pytest.raises(MissingFileError):
        storage.fingerprint("b")


def test_creation_is_refused_by_what_lies_there(storage):
    assert storage.create("k", b"first")
    assert not storage.create("k", b"second")
    is_local = "://" not in storage.url
    assert storage.create("k", b"first") is not is_local  # the reply to one's own request may have been lost
    assert storage.read_bytes("k") == b"first"
    assert [f.key for f in storage.list()] == ["k"]


def test_of_many_threads_one_creates(storage):
    for round_ in range(3 if "://" in storage.url else 10):
        barrier, won = threading.Barrier(8), []

        def create(number, key=f"k{round_}", barrier=barrier, won=won):
            barrier.wait()
            if storage.create(key, b"%d" % number):
                won.append(b"%d" % number)

        threads = [threading.Thread(target=create, args=(n,)) for n in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert won == [storage.read_bytes(f"k{round_}")]


def _create_all(root, name, results):
    storage = Storage(root)
    results.put([n for n in range(200) if storage.create(f"k{n}", name)])


def test_of_two_processes_each_key_has_one_creator(tmp_path):
    context = multiprocessing.get_context("fork")
    results = context.Queue()
    writers = [context.Process(target=_create_all, args=(str(tmp_path), n, results)) for n in (b"a", b"b")]
    for writer in writers:
        writer.start()
    first, second = results.get(timeout=60), results.get(timeout=60)
    for writer in writers:
        writer.join()
    assert sorted(first + second) == list(range(200))
    assert len(Storage(str(tmp_path)).list()) == 200


def test_a_killed_writer_leaves_the_old_file_and_a_partial_that_goes(tmp_path):
    storage = Storage(str(tmp_path))
    storage.write("d/k", b"old")
    script = (
        "import os, signal, pathlib; from tasks.storage.storage import Storage\n"
        "pathlib.Path.replace = lambda *_: os.kill(os.getpid(), signal.SIGKILL)\n"
        f"Storage({str(tmp_path)!r}).write('d/k', b'new')"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False, cwd=Path(__file__).parents[3])
    assert done.returncode == -9
    assert storage.read_bytes("d/k") == b"old"
    assert [f.key for f in storage.list()] == ["d/k"]
    assert len(list((tmp_path / "d").iterdir())) == 2
    assert storage.remove_partials() == 1
    assert list((tmp_path / "d").iterdir()) == [tmp_path / "d" / "k"]


def test_data_is_on_disk_before_its_name_and_the_name_before_the_write_ends(tmp_path, monkeypatch):
    seen = []

    def recorded(owner, name, described):
        original = getattr(owner, name)
        monkeypatch.setattr(owner, name, lambda *given: (seen.append(described(*given)), original(*given))[1])

    def synced(handle):
        found = os.fstat(handle)
        return "folder" if stat.S_ISDIR(found.st_mode) else found.st_size

    recorded(os, "fsync", synced)
    recorded(os, "link", lambda *_: "linked")
    recorded(Path, "replace", lambda *_: "renamed")
    storage = Storage(str(tmp_path))
    storage.write("a", b"four")
    assert seen == [4, "renamed", "folder"]
    seen.clear()
    assert storage.create("b", b"five!")
    assert seen == [5, "linked", "folder"]
    seen.clear()
    storage.write("new/newer/c", b"six   ")
    assert seen == ["folder", "folder", 6, "renamed", "folder"]  # each new folder is a name in the one above


def test_a_link_out_of_the_root_is_refused_and_not_listed(tmp_path):
    outside, root = tmp_path / "outside", tmp_path / "root"
    outside.mkdir()
    (outside / "secret").write_text("x")
    root.mkdir()
    (root / "good").write_text("y")
    (root / "file").symlink_to(outside / "secret")
    (root / "folder").symlink_to(outside)
    (root / "inside").symlink_to(root / "good")
    (root / "loop").symlink_to(root / "loop")
    storage = Storage(str(root))
    for key in ("file", "folder/secret"):
        with pytest.raises(InputError, match="leads out"):
            storage.read_bytes(key)
    with pytest.raises(InputError, match="leads out"):
        storage.write("folder/new", b"x")
    with pytest.raises(StorageError):
        storage.read_bytes("loop")
    assert storage.read_bytes("inside") == b"y"
    assert [f.key for f in storage.list()] == ["good", "inside"]


def test_a_root_may_itself_be_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    Storage(str(tmp_path / "link")).write("a", b"x")
    assert (tmp_path / "real" / "a").read_bytes() == b"x"


def test_file_urls_and_paths_are_one_place(tmp_path):
    assert Storage(f"file://{tmp_path}/a%20b/").url == Storage(str(tmp_path / "a b")).url == f"{tmp_path}/a b"


def test_a_writable_place_is_left_as_it_was(storage):
    storage.check_writable()
    assert storage.list() == []


def test_an_unwritable_place_is_one_clear_line(tmp_path):
    (tmp_path / "file").write_text("x")
    place = tmp_path / "file" / "output"
    with pytest.raises(InputError, match="cannot write to the output") as caught:
        Storage(str(place)).check_writable()
    assert str(place) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_fingerprints_tell_contents_apart(storage):
    storage.write("a", b"x")
    storage.write("b", b"x")
    storage.write("c", b"y")
    prints = [storage.fingerprint(file) for file in storage.list()]
    assert prints[0] == prints[1]
    assert prints[0] in {
        "sha256:2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881",
        f"etag:{hashlib.md5(b'x').hexdigest()}",
    }
    assert prints[2] != prints[0]
    assert storage.fingerprint("c") == prints[2]
