"""Refused access to a store: one line that says what to do and holds no secret."""

import pytest

from ilime_core.errors import InputError
from tasks.storage.storage import AccessError, Storage, StorageOptions


def test_who_may_not_write_is_told_so_without_the_secret(s3_storage, s3, monkeypatch):
    s3_storage.write("k", b"x")
    for name, value in s3.environment_of(s3.reader).items():
        monkeypatch.setenv(name, value)
    reader = Storage(s3_storage.url)
    assert reader.read_bytes("k") == b"x"
    with pytest.raises(InputError, match=r"cannot write to the output.*refuses access") as caught:
        reader.check_writable()
    assert s3.reader.secret not in str(caught.value)
    assert reader.remove_partials() == 0


WRONG_SECRET = r"refuses access with the key of the environment \(AWS_ACCESS_KEY_ID\)"


def test_a_wrong_secret_is_bad_input_that_is_not_repeated(s3_storage, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hunter2hunter2")
    wrong = Storage(s3_storage.url)
    for ask in (wrong.list, wrong.check_writable, lambda: wrong.read_bytes("k"), lambda: wrong.stat("k")):
        with pytest.raises(InputError, match=WRONG_SECRET) as caught:
            ask()
        assert "hunter2" not in str(caught.value)
        assert "\n" not in str(caught.value)


def test_no_credentials_and_an_unknown_profile_say_what_to_set(s3_storage, monkeypatch, tmp_path):
    with pytest.raises(AccessError, match="nobody"):
        Storage(s3_storage.url, StorageOptions(profile="nobody")).list()
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(AccessError, match=r"no credentials.*AWS_PROFILE.*storage\.anonymous"):
        Storage(s3_storage.url).list()


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
        monkeypatch.setattr("tasks.storage.s3_client.ROUNDS", 1)
        monkeypatch.setattr("tasks.storage.s3_client.ATTEMPTS", 1)
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "y")
        with pytest.raises(AccessError, match=f"{address} cannot be reached; check storage.endpoint_url"):
            Storage("s3://bucket/x", StorageOptions(address)).list()
