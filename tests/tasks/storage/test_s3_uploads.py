"""Large objects are put in parts, and uploads of failed writers are aborted."""

import secrets
from datetime import timedelta

import pytest

from tasks.storage.s3_files import S3Files
from tasks.storage.storage import StorageError, StorageOptions


@pytest.fixture
def in_parts(s3_storage):
    """Storage that puts objects of 10 MiB or more in parts of 5 MiB, the least that S3 accepts."""
    s3_storage._files = S3Files(s3_storage.url.removeprefix("s3://"), StorageOptions, 5 * 2**20)
    return s3_storage


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
    store = in_parts._files._store
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
    s3_storage, proxy = counted
    client = s3.client()
    for key in ("deep/root/a/large", "deep/root/b/large", "deep/root/b2/large", "elsewhere"):
        client.create_multipart_upload(Bucket=bucket, Key=key)
    files = s3_storage._files

    def left():
        return {upload["Key"] for upload in client.list_multipart_uploads(Bucket=bucket).get("Uploads", ())}

    assert s3_storage.remove_partials("a", "b", "c") == 0
    assert dict(proxy.requests) == {"GET upload": 1}
    assert files.abort_uploads(["a", "b", "c"], timedelta(0)) == 2
    assert left() == {"deep/root/b2/large", "elsewhere"}
    assert files.abort_uploads([], timedelta(0)) == 1
    assert left() == {"elsewhere"}
