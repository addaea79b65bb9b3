"""The door to files before a real object store: values, exclusiveness, listings, threads, children."""

import hashlib
import multiprocessing
import secrets
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from fault_proxy import FaultProxy

from ilime_core.errors import InputError
from tasks.parameters import StorageParameters
from tasks.s3_objects import S3Objects
from tasks.storage import AccessError, MissingFileError, Storage, StorageError, StorageOptions
from tasks.storage_access import grant_access


@pytest.fixture
def bucket(s3_access):
    return s3_access.make_bucket()


@pytest.fixture
def storage(bucket):
    return Storage(f"s3://{bucket}/deep/root")


@pytest.fixture
def counted(s3_access, bucket):
    """A door whose requests a proxy counts."""
    with FaultProxy(s3_access.port) as proxy:
        yield Storage(f"s3://{bucket}/deep/root", StorageOptions(proxy.endpoint_url)), proxy


def test_what_was_written_is_read_listed_and_removed(storage, s3, bucket):
    storage.write("b/2", b"two")
    storage.write("b/1", b"one")
    storage.write("a b+ü", b"")
    storage.write("b/2", b"second")
    assert storage.read_bytes("b/2") == b"second"
    assert [(f.key, f.size) for f in storage.list()] == [("a b+ü", 0), ("b/1", 3), ("b/2", 6)]
    assert [f.key for f in storage.list("b")] == ["b/1", "b/2"]
    assert storage.list("absent") == []
    assert storage.list("b/1") == []
    assert s3.keys(bucket) == ["deep/root/a b+ü", "deep/root/b/1", "deep/root/b/2"]
    storage.delete("b/1")
    storage.delete("b/1")
    assert not storage.exists("b/1")
    assert [f.key for f in storage.list("b")] == ["b/2"]


def test_a_sibling_whose_name_begins_alike_is_not_listed(storage):
    for key in ("run/1", "run-2/1", "run2"):
        storage.write(key, b"x")
    assert [f.key for f in storage.list("run")] == ["run/1"]


def test_a_missing_object_is_told_from_a_missing_bucket(storage):
    for use in (storage.read_bytes, storage.open, storage.stat, storage.fingerprint):
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
def test_ranges_of_small_and_large_objects(storage, size):
    data = secrets.token_bytes(size)
    storage.write("big", data)
    with storage.open("big") as stream:
        assert stream.seek(-10, 2) == size - 10
        assert stream.read() == data[-10:]
        stream.seek(2**20 - 5)
        assert stream.read(2**20) == data[2**20 - 5 : 2**21 - 5]
        stream.seek(0)
        assert hashlib.sha256(stream.read()).digest() == hashlib.sha256(data).digest()


def test_a_read_is_one_request(counted):
    storage, proxy = counted
    storage.write("k", b"0123456789")
    proxy.requests.clear()
    assert storage.read_bytes("k") == b"0123456789"
    assert dict(proxy.requests) == {"GET": 1}
    with storage.open("k", size=10) as stream:
        stream.read()
    assert dict(proxy.requests) == {"GET": 2}
    assert not storage.exists("absent")
    assert storage.list("absent") == []
    assert dict(proxy.requests) == {"GET": 2, "HEAD": 1, "LIST": 2}  # the first miss asks for the bucket, too
    assert not storage.exists("absent")
    assert dict(proxy.requests) == {"GET": 2, "HEAD": 2, "LIST": 2}


def test_the_rest_of_a_large_object_is_one_request(counted):
    storage, proxy = counted
    data = secrets.token_bytes(5 * 2**20)
    storage.write("k", data)
    proxy.requests.clear()
    with storage.open("k", size=len(data)) as stream:
        stream.seek(7)
        assert stream.read() == data[7:]
    assert dict(proxy.requests) == {"GET range": 1}


def test_a_file_is_created_once(storage):
    assert storage.create("k", b"first")
    assert not storage.create("k", b"second")
    assert storage.read_bytes("k") == b"first"


def test_of_eight_creators_one_wins_and_all_see_its_file(storage):
    with ThreadPoolExecutor(8) as pool:
        won = list(pool.map(lambda n: storage.create("k", b"%d" % n), range(8)))
    assert sum(won) == 1
    assert storage.read_bytes("k") == b"%d" % won.index(True)


def test_a_listing_of_several_pages_is_whole_and_fresh(storage):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: storage.write(f"many/{n:04}", b"x"), range(1005)))
    assert [f.key for f in storage.list("many")] == [f"many/{n:04}" for n in range(1005)]
    storage.write("many/1005", b"x")
    storage.delete("many/0000")
    assert [f.key for f in storage.list("many")] == [f"many/{n:04}" for n in range(1, 1006)]


def test_a_fingerprint_reads_no_bytes_and_moves_with_the_content(counted):
    storage, proxy = counted
    storage.write("k", b"one")
    first = storage.fingerprint("k")
    (listed,) = storage.list()
    assert storage.fingerprint(listed) == first == f"etag:{hashlib.md5(b'one').hexdigest()}"
    storage.write("k", b"two")
    assert storage.fingerprint("k") != first
    assert proxy.requests["GET"] == 0


def test_a_store_that_creates_only_is_taken_and_nothing_stays(storage, s3, bucket):
    storage.check_writable()
    assert s3.keys(bucket) == []


@pytest.fixture
def in_parts(storage):
    """A door that puts what has 10 MiB or more in parts of 5 MiB, the least that S3 takes."""
    storage._files._calls = S3Objects(StorageOptions, 5 * 2**20)
    return storage


def test_a_large_object_goes_up_in_parts(in_parts, s3, bucket):
    data = secrets.token_bytes(12 * 2**20)
    in_parts.write("large", data)
    assert in_parts.stat("large").etag.endswith("-3")
    assert in_parts.read_bytes("large") == data
    assert in_parts.create("other", data)
    assert not in_parts.create("other", data[1:])
    assert in_parts.read_bytes("other") == data
    assert not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads")


def test_an_upload_of_which_a_part_fails_is_aborted(in_parts, s3, bucket, monkeypatch):
    store = in_parts._files._calls._store
    call = store._call_s3

    async def broken(method, *given, **arguments):
        if method == "upload_part" and arguments["PartNumber"] == 2:
            raise OSError("the line broke")
        return await call(method, *given, **arguments)

    monkeypatch.setattr(store, "_call_s3", broken)
    with pytest.raises(StorageError, match="the line broke"):
        in_parts.write("large", bytes(12 * 2**20))
    monkeypatch.undo()
    assert not s3.client().list_multipart_uploads(Bucket=bucket).get("Uploads")
    assert s3.keys(bucket) == []


def test_uploads_of_killed_writers_are_aborted_when_old_enough(counted, s3, bucket):
    storage, proxy = counted
    client = s3.client()
    for key in ("deep/root/a/large", "deep/root/b/large", "deep/root/b2/large", "elsewhere"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    calls = storage._files._calls

    def left():
        return {upload["Key"] for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())}

    assert storage.remove_partials("a", "b", "c") == 0
    assert dict(proxy.requests) == {"GET upload": 1}
    assert calls.abort_uploads(f"{bucket}/deep/root", ["a", "b", "c"], timedelta(0)) == 2
    assert left() == {"deep/root/b2/large", "elsewhere"}
    assert calls.abort_uploads(f"{bucket}/deep/root", [], timedelta(0)) == 1
    assert left() == {"elsewhere"}


def test_who_may_not_write_is_told_so_without_the_secret(storage, s3, monkeypatch):
    storage.write("k", b"x")
    for name, value in s3.environment_of(s3.reader).items():
        monkeypatch.setenv(name, value)
    reader = Storage(storage.url)
    assert reader.read_bytes("k") == b"x"
    with pytest.raises(InputError, match=r"cannot write to the output.*refuses access") as caught:
        reader.check_writable()
    assert s3.reader.secret not in str(caught.value)
    assert reader.remove_partials() == 0


def test_a_wrong_secret_is_bad_input_that_is_not_repeated(storage, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")
    wrong = Storage(storage.url)
    for ask in (wrong.list, wrong.check_writable, lambda: wrong.read_bytes("k"), lambda: wrong.stat("k")):
        with pytest.raises(InputError, match="refuses access as profile default") as caught:
            ask()
        assert "hunter2" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_no_credentials_and_an_unknown_profile_say_what_to_set(storage, monkeypatch, tmp_path):
    with pytest.raises(AccessError, match="nobody"):
        Storage(storage.url, StorageOptions(profile="nobody")).list()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AccessError, match=r"no credentials.*AWS_PROFILE.*storage\.anonymous"):
        Storage(storage.url).list()


def test_a_public_bucket_is_read_without_credentials(s3, s3_access, monkeypatch):
    s3.client().put_object(Bucket="public", Key="corpus/a", Body=b"1")
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    public = Storage("s3://public/corpus", StorageOptions(s3.endpoint_url, anonymous=True))
    assert public.read_bytes("a") == b"1"
    with pytest.raises(AccessError, match="without a signature"):
        public.write("b", b"2")


def test_a_refused_connection_is_one_line_that_names_the_address(monkeypatch):
    import socket

    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        monkeypatch.setattr("tasks.s3_objects.ROUNDS", 1)
        monkeypatch.setattr("tasks.s3_objects.ATTEMPTS", 1)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        with pytest.raises(AccessError, match=f"{address} cannot be reached; check storage.endpoint_url"):
            Storage("s3://bucket/x", StorageOptions(address)).list()


FORKS = """
import os, sys
from tasks.storage import Storage

storage = Storage(sys.argv[1])
storage.write("k", b"payload")
child = os.fork()
if child == 0:
    os._exit(0 if storage.read_bytes("k") == b"payload" else 1)
status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
sys.exit(0 if (status, storage.read_bytes("k")) == (0, b"payload") else 1)
"""


def test_a_forked_child_reads_by_its_own_connection(storage):
    # In a process of its own: what else this one has loaded may not survive a fork.
    assert subprocess.run([sys.executable, "-c", FORKS, storage.url], check=False, timeout=60).returncode == 0


def test_a_spawned_child_reads_by_its_own_connection(storage):
    storage.write("k", b"payload")
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(target=_read_in_child, args=(storage, answer))
    child.start()
    assert answer.get(timeout=60) == b"payload"
    child.join(30)
    assert child.exitcode == 0


def _read_in_child(storage, answer):
    answer.put(storage.read_bytes("k"))


def test_what_holds_a_storage_follows_the_access_that_holds(storage, s3, monkeypatch):
    storage.write("k", b"x")
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
    grant_access(StorageParameters(endpoint_url=s3.endpoint_url))
    assert storage.read_bytes("k") == b"x"
    grant_access(StorageParameters(endpoint_url=s3.endpoint_url, anonymous=True))
    with pytest.raises(AccessError, match="without a signature"):
        storage.read_bytes("k")
    grant_access(StorageParameters())


def test_eight_threads_share_one_client(storage):
    def work(n):
        data = b"%d" % n * 1000
        storage.write(f"t/{n}", data)
        return storage.read_bytes(f"t/{n}") == data

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(64)))
    assert len(storage.list("t")) == 64
