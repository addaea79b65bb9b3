"""Objects of stores that lose replies, refuse in other words, or put secrets into messages."""

import errno
from datetime import UTC, datetime

import pytest
from aiohttp import ClientError

from ilime_core.errors import InputError
from tasks.storage.s3_files import S3Files
from tasks.storage.storage import MissingFileError, Storage, StorageError, StorageOptions


class Store:
    """A bucket in a dictionary whose conditional put behaves as given."""

    def __init__(self, behaviour, shortened=0):
        self.objects = {}
        self.calls = []
        self._behaviour = behaviour
        self._shortened = shortened

    def cat_file(self, path, start=None, end=None):
        data = self.held(path)[start:end]
        return data[: len(data) - self._shortened]

    def pipe_file(self, path, value, chunksize, max_concurrency, mode):
        self._behaviour(self, path, value) if mode == "create" else self.put(path, value)

    def call_s3(self, name, Bucket, Key="", Prefix="", MaxKeys=0):
        self.calls.append(name)
        if name == "head_object":
            return described(self.held(f"{Bucket}/{Key}"))
        found = {path.removeprefix(f"{Bucket}/"): value for path, value in self.objects.items()}
        entries = [{"Key": key, "Size": len(value)} | described(value) for key, value in found.items()]
        return {"Contents": [entry for entry in entries if entry["Key"].startswith(Prefix)]}

    def put(self, path, value):
        self.objects[path] = value

    def held(self, path):
        if path not in self.objects:
            raise FileNotFoundError(path)
        return self.objects[path]


def described(value):
    return {"ContentLength": len(value), "LastModified": datetime(2026, 1, 1, tzinfo=UTC), "ETag": '"abc"'}


class TransportError(ClientError):
    """What a transport raises that is no OSError."""


def lost_reply(store, path, value):
    if path not in store.objects:
        store.put(path, value)
    raise TransportError("connection reset")


def refused_without_a_name(store, path, value):
    if path in store.objects:
        raise OSError(errno.EINVAL, "PreconditionFailed")
    store.put(path, value)


def never_arrives(store, path, value):
    raise TransportError("https://AKIA:hunter2@host/x?X-Amz-Signature=hunter3&a=b timed out\nlong tail")


def ignores_the_condition(store, path, value):
    store.put(path, value)


class Files(S3Files):
    """Objects of a given store."""

    _store = None

    def __init__(self, store):
        super().__init__("bucket/prefix", StorageOptions)
        self._store = store


def files(behaviour):
    return Files(Store(behaviour))


def test_a_lost_reply_is_settled_by_reading_back():
    place = files(lost_reply)
    assert place.create("k", b"mine")
    assert place.read_bytes("k") == b"mine"


def test_a_lost_reply_of_a_refused_request_is_no_success():
    place = files(lost_reply)
    place.write("k", b"theirs")
    assert not place.create("k", b"mine")


def test_a_refusal_is_known_by_what_lies_there():
    place = files(refused_without_a_name)
    assert place.create("k", b"first")
    assert not place.create("k", b"second")
    assert place.read_bytes("k") == b"first"


def test_a_request_that_never_arrived_is_an_error_without_secrets():
    with pytest.raises(StorageError) as caught:
        files(never_arrives).create("k", b"x")
    message = str(caught.value)
    assert "timed out" in message
    assert "hunter" not in message
    assert "long tail" not in message


def test_a_secret_of_the_environment_is_not_printed(monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "s3cr3t")

    def leaks(store, path, value):
        raise TransportError("bad key s3cr3t")

    with pytest.raises(StorageError, match=r"bad key \$AWS_SECRET_ACCESS_KEY"):
        files(leaks).create("k", b"x")


def test_a_store_that_ignores_the_condition_is_refused(monkeypatch):
    storage = Storage("s3://bucket/prefix")
    monkeypatch.setattr(storage, "_files", files(ignores_the_condition))
    with pytest.raises(InputError, match="If-None-Match"):
        storage.check_writable()


def test_etags_are_taken_from_listings_and_cost_no_request():
    place = files(ignores_the_condition)
    place.write("a/b", b"x")
    storage = Storage("s3://bucket/prefix")
    storage._files = place
    (file,) = storage.list()
    assert (file.key, file.size) == ("a/b", 1)
    assert storage.fingerprint(file) == "etag:abc"
    assert place._store.calls == ["list_objects_v2"]


def test_a_missing_object_is_named():
    with pytest.raises(MissingFileError, match="'a/b'"):
        files(lost_reply).read_bytes("a/b")


def test_s3_is_reached_without_cached_listings():
    place = Storage("s3://bucket/prefix")._files
    assert place._store.dircache.use_listings_cache is False
    assert place.url == "s3://bucket/prefix"


@pytest.mark.parametrize("size", [10, 5 * 2**20])
def test_a_read_that_ends_early_is_an_error(size):
    place = Files(Store(ignores_the_condition, shortened=1))
    place.write("k", b"x" * size)
    with pytest.raises(StorageError, match="bytes where"), place.open("k", size) as stream:
        stream.read()


def test_a_size_that_is_known_is_not_asked_for():
    place = files(ignores_the_condition)
    place.write("k", b"0123456789")
    with place.open("k", 10) as stream:
        assert stream.read(4) == b"0123"
    assert place._store.calls == []
    with pytest.raises(StorageError, match="got 10 bytes where 11 should lie"):
        place.open("k", 11)
