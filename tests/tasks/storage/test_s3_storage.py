"""Storage in a real object store: values, exclusive creation, listings, threads, child processes.

Proves tasks.storage.s3_files, tasks.storage.storage.
"""

import hashlib
import multiprocessing
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from every import every

from tasks.spec import StorageParameters
from tasks.storage.access import grant_access
from tasks.storage.storage import AccessError, MissingFileError, Storage


def test_what_was_written_is_read_listed_and_removed(s3_storage, s3, bucket):
    s3_storage.write("b/2", b"two")
    s3_storage.write("b/1", b"one")
    s3_storage.write("a b+ü", b"")
    s3_storage.write("b/2", b"second")
    assert s3_storage.read_bytes("b/2") == b"second"
    assert [(f.key, f.size) for f in s3_storage.list()] == [("a b+ü", 0), ("b/1", 3), ("b/2", 6)]
    assert [f.key for f in s3_storage.list("b")] == ["b/1", "b/2"]
    assert s3_storage.list("absent") == []
    assert s3_storage.list("b/1") == []
    assert s3.keys(bucket) == ["deep/root/a b+ü", "deep/root/b/1", "deep/root/b/2"]
    s3_storage.delete("b/1")
    s3_storage.delete("b/1")
    assert not s3_storage.exists("b/1")
    assert [f.key for f in s3_storage.list("b")] == ["b/2"]


def test_a_sibling_whose_name_begins_alike_is_not_listed(s3_storage):
    for key in ("run/1", "run-2/1", "run2"):
        s3_storage.write(key, b"x")
    assert [f.key for f in s3_storage.list("run")] == ["run/1"]


def test_a_missing_object_is_told_from_a_missing_bucket(s3_storage):
    for use in (s3_storage.read_bytes, s3_storage.open, s3_storage.stat, s3_storage.fingerprint):
        with pytest.raises(MissingFileError, match="'nothing'"):
            use("nothing")
    absent = Storage("s3://no-such-bucket-at-all/x")
    for ask in (
        lambda: absent.read_bytes("a"),
        absent.list,
        lambda: absent.stat("a"),
        lambda: absent.create("a", b""),
    ):
        with pytest.raises(AccessError, match="no bucket 'no-such-bucket-at-all'; create it"):
            ask()


@pytest.mark.parametrize("size", [3 * 2**20, 6 * 2**20])
def test_ranges_of_small_and_large_objects(s3_storage, size):
    data = secrets.token_bytes(size)
    s3_storage.write("big", data)
    with s3_storage.open("big") as stream:
        assert stream.seek(-10, 2) == size - 10
        assert stream.read() == data[-10:]
        stream.seek(2**20 - 5)
        assert stream.read(2**20) == data[2**20 - 5 : 2**21 - 5]
        stream.seek(0)
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(data).digest()


def test_a_read_is_one_request(counted):
    s3_storage, proxy = counted
    s3_storage.write("k", b"0123456789")
    proxy.requests.clear()
    assert s3_storage.read_bytes("k") == b"0123456789"
    assert dict(proxy.requests) == {"GET": 1}
    with s3_storage.open("k", size=10) as stream:
        stream.read()
    assert dict(proxy.requests) == {"GET": 2}
    assert not s3_storage.exists("absent")
    assert s3_storage.list("absent") == []
    assert dict(proxy.requests) == {"GET": 2, "HEAD": 1, "LIST": 2}  # the first miss asks for the bucket, too
    assert not s3_storage.exists("absent")
    assert dict(proxy.requests) == {"GET": 2, "HEAD": 2, "LIST": 2}


def test_the_rest_of_a_large_object_is_one_request(counted):
    s3_storage, proxy = counted
    data = secrets.token_bytes(5 * 2**20)
    s3_storage.write("k", data)
    proxy.requests.clear()
    with s3_storage.open("k", size=len(data)) as stream:
        stream.seek(7)
        assert stream.read() == data[7:]
    assert dict(proxy.requests) == {"GET range": 1}


def test_a_file_is_created_once(s3_storage):
    assert s3_storage.create("k", b"first")
    assert not s3_storage.create("k", b"second")
    assert s3_storage.read_bytes("k") == b"first"


def test_of_eight_creators_one_wins_and_all_see_its_file(s3_storage):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: s3_storage.create("k", b"%d" % n), range(8)))
    assert sum(won) == 1
    assert s3_storage.read_bytes("k") == b"%d" % won.index(True)


def test_a_listing_of_several_pages_is_whole_and_fresh(s3_storage):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: s3_storage.write(f"many/{n:04}", b"x"), range(1005)))
    assert [f.key for f in s3_storage.list("many")] == [f"many/{n:04}" for n in range(1005)]
    s3_storage.write("many/1005", b"x")
    s3_storage.delete("many/0000")
    assert [f.key for f in s3_storage.list("many")] == [f"many/{n:04}" for n in range(1, 1006)]


def test_a_fingerprint_reads_no_bytes_and_moves_with_the_content(counted):
    s3_storage, proxy = counted
    s3_storage.write("k", b"one")
    first = s3_storage.fingerprint("k")
    (listed,) = s3_storage.list()
    assert s3_storage.fingerprint(listed) == first == f"etag:{hashlib.md5(b'one').hexdigest()}"
    s3_storage.write("k", b"two")
    assert s3_storage.fingerprint("k") != first
    assert proxy.requests["GET"] == 0


def test_a_store_that_creates_only_is_taken_and_nothing_stays(s3_storage, s3, bucket):
    s3_storage.check_writable()
    assert s3.keys(bucket) == []


FORKS = """
import os, sys
from tasks.storage.storage import Storage

storage = Storage(sys.argv[1])
storage.write("k", b"payload")
child = os.fork()
if child == 0:
    os._exit(0 if storage.read_bytes("k") == b"payload" else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(0 if (status, storage.read_bytes("k")) == (0, b"payload") else 1)
"""


def test_a_forked_child_reads_by_its_own_connection(s3_storage):
    # In a process of its own: what else this one has loaded may not survive a fork.
    child = subprocess.run([sys.executable, "-c", FORKS, s3_storage.url], check=False, timeout=60)
    assert child.returncode == 0


def test_a_spawned_child_reads_by_its_own_connection(s3_storage):
    s3_storage.write("k", b"payload")
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(target=_read_in_child, args=(s3_storage, answer))
    child.start()
    assert answer.get(timeout=60) == b"payload"
    child.join(30)
    assert child.exitcode == 0


def _read_in_child(storage, answer):
    answer.put(storage.read_bytes("k"))


def test_what_holds_a_storage_follows_the_access_that_holds(s3_storage, s3, monkeypatch):
    s3_storage.write("k", b"x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    grant_access(StorageParameters(endpoint_url=s3.endpoint_url))
    assert s3_storage.read_bytes("k") == b"x"
    grant_access(StorageParameters(endpoint_url=s3.endpoint_url, anonymous=True))
    with pytest.raises(AccessError, match="without a signature"):
        s3_storage.read_bytes("k")
    grant_access(StorageParameters())


def test_eight_threads_share_one_client(s3_storage):
    def work(n):
        data = b"%d" % n * 1000
        s3_storage.write(f"t/{n}", data)
        return s3_storage.read_bytes(f"t/{n}") == data

    with ThreadPoolExecutor(8) as pool:
        assert every(pool.map(work, range(64)))
    assert len(s3_storage.list("t")) == 64
