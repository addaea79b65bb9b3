"""Object stores that lose replies, refuse in their own words, or leak secrets into messages."""

import errno
import secrets

import fsspec
import pytest

from ilime_core.errors import InputError
from tasks.storage.object_files import ObjectFiles
from tasks.storage.storage import MissingFileError, Storage, StorageError


class Store:
    """A store over fsspec's memory whose conditional put behaves as told."""

    def __init__(self, behaviour):
        self.behaviour = behaviour
        self.memory = fsspec.filesystem("memory")

    def __getattr__(self, name):
        return getattr(self.memory, name)

    def pipe_file(self, path, value, mode="overwrite"):
        if mode == "create":
            return self.behaviour(self.memory, path, value)
        return self.memory.pipe_file(path, value)


class TransportError(Exception):
    """What a transport raises that is no OSError."""


def lost_reply(memory, path, value):
    memory.pipe_file(path, value, mode="create")
    raise TransportError("connection reset")


def refused_without_a_name(memory, path, value):
    if memory.exists(path):
        raise OSError(errno.EINVAL, "PreconditionFailed")
    memory.pipe_file(path, value)


def never_arrives(memory, path, value):
    raise TransportError("https://AKIA:hunter2@host/x?X-Amz-Signature=hunter3&a=b timed out\nlong tail")


def ignores_the_condition(memory, path, value):
    memory.pipe_file(path, value)


def files(behaviour):
    return ObjectFiles(Store(behaviour), "s3", secrets.token_hex(8), (TransportError,))


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

    def leaks(memory, path, value):
        raise TransportError("bad key s3cr3t")

    with pytest.raises(StorageError, match=r"bad key \$AWS_SECRET_ACCESS_KEY"):
        files(leaks).create("k", b"x")


def test_a_store_that_ignores_the_condition_is_refused(monkeypatch):
    storage = Storage("memory://x")
    monkeypatch.setattr(storage, "_files", files(ignores_the_condition))
    with pytest.raises(InputError, match="If-None-Match"):
        storage.check_writable()


def test_etags_are_taken_from_listings_and_cost_no_request():
    place = files(ignores_the_condition)
    place.write("a/b", b"x")
    store = place._calls
    listed = {
        name: info | {"ETag": '"abc"'} for name, info in store.memory.find(place._path, detail=True).items()
    }
    store.find = lambda *_, **__: listed
    storage = Storage("memory://x")
    storage._files = place
    (file,) = storage.list()
    store.find = store.info = None
    assert storage.fingerprint(file) == "etag:abc"


def test_a_missing_object_is_named():
    with pytest.raises(MissingFileError, match="'a/b'"):
        files(lost_reply).read_bytes("a/b")


def test_s3_is_reached_without_cached_listings():
    place = Storage("s3://bucket/prefix")._files
    assert place._calls._store.dircache.use_listings_cache is False
    assert place.url == "s3://bucket/prefix"


class Short(Store):
    """Reads end early, and nothing says so."""

    def cat_file(self, path, start=None, end=None):
        return self.memory.cat_file(path, start=start, end=end)[:-1]


@pytest.mark.parametrize("size", [10, 5 * 2**20])
def test_a_read_that_ends_early_is_an_error(size):
    place = ObjectFiles(Short(ignores_the_condition), "s3", secrets.token_hex(8))
    place.write("k", b"x" * size)
    with pytest.raises(StorageError, match="bytes where"), place.open("k", size) as stream:
        stream.read()


def test_a_size_that_is_known_is_not_asked_for():
    place = files(ignores_the_condition)
    place.write("k", b"0123456789")
    place._calls.info = None
    with place.open("k", 10) as stream:
        assert stream.read(4) == b"0123"
    with pytest.raises(StorageError, match="got 10 bytes where 11 should lie"):
        place.open("k", 11)
