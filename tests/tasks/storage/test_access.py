"""Access to a bucket: own entry, general entry, environment; in child processes too, and without secrets.

Proves tasks.storage.access and tasks.storage.parameters.
"""

import os
import pickle
import subprocess
import sys

import pytest

from ilime_core.errors import InputError
from tasks.spec import StorageParameters, StoreParameters
from tasks.storage.access import STORAGE_VARIABLE, WithAccess, grant_access, granted, identity, options_for
from tasks.storage.storage import Storage, StorageOptions

GENERAL, SPECIAL = "https://minio.example.org:9000", "https://s3.example.org"


@pytest.fixture(autouse=True)
def _clean(monkeypatch):
    for name in (STORAGE_VARIABLE, "AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_S3", "AWS_PROFILE"):
        monkeypatch.setenv(name, "")  # so that it is restored, whatever a test does
        monkeypatch.delenv(name)
    yield
    grant_access(StorageParameters())


def section(**fields):
    return StorageParameters.model_validate(fields)


def test_a_buckets_entry_comes_before_the_general_one_and_that_before_the_environment(monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://env.example.org")
    monkeypatch.setenv("AWS_PROFILE", "of-env")
    assert options_for("s3://any/x") == StorageOptions("http://env.example.org", "of-env")
    grant_access(
        section(
            endpoint_url=GENERAL,
            profile="team",
            buckets={"data": {"endpoint_url": SPECIAL, "anonymous": True}, "half": {"profile": "other"}},
        )
    )
    assert options_for("s3://any/x") == StorageOptions(GENERAL, "team")
    assert options_for("s3://data/x/y") == StorageOptions(SPECIAL, None, anonymous=True)
    assert options_for("s3://half") == StorageOptions(GENERAL, "other")
    grant_access(section(profile="team"))
    assert options_for("s3://any") == StorageOptions("http://env.example.org", "team")
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://s3.env.example.org")
    assert options_for("s3://any").endpoint_url == "http://s3.env.example.org"


def test_an_anonymous_general_entry_holds_for_buckets_without_one():
    grant_access(section(anonymous=True, buckets={"mine": {"profile": "me"}}))
    assert options_for("s3://public").anonymous
    assert options_for("s3://mine") == StorageOptions(None, "me")


def test_a_storage_without_options_takes_them_where_and_when_it_is_used(tmp_path):
    grant_access(section(endpoint_url=GENERAL))
    storage = Storage("s3://bucket/x")
    assert storage._files._store.endpoint_url == GENERAL
    assert pickle.loads(pickle.dumps(storage))._options is None
    grant_access(section(endpoint_url=SPECIAL))
    assert storage._files._store.endpoint_url == SPECIAL
    assert Storage(str(tmp_path)).url == str(tmp_path)


def test_what_is_granted_reaches_child_processes_and_can_be_granted_again():
    given = section(endpoint_url=GENERAL, buckets={"data": {"anonymous": True}})
    grant_access(given)
    assert granted() == given
    script = "from tasks.storage.access import options_for; print(options_for('s3://data/x'))"
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.strip() == repr(StorageOptions(GENERAL, None, anonymous=True))
    text = os.environ[STORAGE_VARIABLE]
    grant_access(granted())
    assert os.environ[STORAGE_VARIABLE] == text


def endpoint_of(url):
    return options_for(url).endpoint_url


def test_a_function_takes_along_what_is_granted_where_it_is_pickled():
    grant_access(section(endpoint_url=GENERAL))
    here = WithAccess(endpoint_of)
    packed = pickle.dumps(here)
    grant_access(section(endpoint_url=SPECIAL))
    assert here("s3://any") == SPECIAL  # it has not travelled, and grants nothing
    there = pickle.loads(packed)
    forwarded = pickle.dumps(there)  # before it was called
    assert endpoint_of("s3://any") == SPECIAL
    assert there("s3://any") == GENERAL
    grant_access(section(endpoint_url=SPECIAL))
    assert pickle.loads(forwarded)(url="s3://any") == GENERAL


def test_a_spec_without_the_section_takes_back_what_an_earlier_one_granted(monkeypatch):
    monkeypatch.setenv(STORAGE_VARIABLE, f'{{"endpoint_url": "{SPECIAL}"}}')
    grant_access(section(endpoint_url=GENERAL))
    grant_access(section(anonymous=True))
    assert options_for("s3://any") == StorageOptions(None, None, anonymous=True)
    grant_access(StorageParameters())
    assert options_for("s3://any") == StorageOptions(SPECIAL)


@pytest.mark.parametrize(
    "endpoint",
    ["https://AKIA:hunter2@host", "hunter2@host", "https://host?secret=hunter2", "https://host#hunter2"],
)
def test_credentials_in_an_address_are_refused_and_not_repeated(endpoint, monkeypatch):
    def ways():
        yield lambda: grant_access(section(endpoint_url=endpoint))
        yield lambda: grant_access(StorageParameters(buckets={"b": StoreParameters(endpoint_url=endpoint)}))
        yield lambda: Storage("s3://b/x", StorageOptions(endpoint))
        monkeypatch.setenv("AWS_ENDPOINT_URL", endpoint)
        yield lambda: Storage("s3://b/x")
        monkeypatch.setenv(STORAGE_VARIABLE, section(endpoint_url=endpoint).model_dump_json())
        yield lambda: Storage("s3://b/x")

    for way in ways():
        with pytest.raises(InputError, match="contains credentials") as caught:
            way()
        assert "hunter2" not in str(caught.value)
        assert "AKIA" not in str(caught.value)


@pytest.mark.parametrize("endpoint", ["minio:9000", "ftp://host", "https://"])
def test_what_is_no_address_is_named(endpoint):
    with pytest.raises(InputError, match=r"needed is an address like https://"):
        grant_access(section(endpoint_url=endpoint))


@pytest.mark.parametrize("text", ["{", '{"secret_key": "hunter2"}', "[]"])
def test_a_broken_variable_is_named_and_its_content_is_not(text, monkeypatch):
    monkeypatch.setenv(STORAGE_VARIABLE, text)
    with pytest.raises(InputError, match=STORAGE_VARIABLE) as caught:
        granted()
    assert "hunter2" not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "environment", "who"),
    [
        (StorageOptions(anonymous=True), {"AWS_ACCESS_KEY_ID": "hunter2"}, "without a signature"),
        (StorageOptions(profile="mine"), {"AWS_ACCESS_KEY_ID": "hunter2"}, "as profile mine"),
        (
            StorageOptions(),
            {"AWS_ACCESS_KEY_ID": "hunter2"},
            "with the key of the environment (AWS_ACCESS_KEY_ID)",
        ),
        (
            StorageOptions(),
            {"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://hunter2"},
            "as the role of this container (AWS_CONTAINER_CREDENTIALS_FULL_URI)",
        ),
        (StorageOptions(), {}, "as the default profile, or as the role of this machine"),
    ],
)
def test_who_asks_is_said_as_the_store_is_asked(monkeypatch, options, environment, who):
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert identity(options) == who
