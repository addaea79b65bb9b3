"""Shape annotations of the core are checked while the tests run; one object store serves them all.

`make test` shares the files out among a few processes, each with its own servers and folders; plain
`pytest tests/...` runs them in one.
"""

import gc
import os
import sys
from pathlib import Path

import pytest

# Before torch is imported: the processes share the cores, and no number depends on how many there are.
os.environ.setdefault("OMP_NUM_THREADS", "1")
# Runs that tests start say what they do in a form that tests read.
os.environ["ILIME_LOG"] = "json"

sys.path.append(str(Path(__file__).parent / "fixtures"))
from shape_checks import check_shapes

check_shapes("ilime_core")


def pytest_make_parametrize_id(config, val, argname):
    """Contents of a file name no test: they may hold a time, and all processes have to find one list."""
    return argname if isinstance(val, bytes) and len(val) > 32 else None


def pytest_collection_finish(session):
    """What is imported by now stays: walking through it takes a garbage collector a third of a second."""
    gc.freeze()


def pytest_unconfigure(config):
    gc.unfreeze()


@pytest.fixture(scope="session")
def s3(tmp_path_factory):
    """A real object store; it starts with the first test that asks for it and dies with the session."""
    from s3_server import S3Server

    server = S3Server(tmp_path_factory.mktemp("s3"))
    server.start()
    yield server
    server.kill()


@pytest.fixture
def s3_access(s3, monkeypatch):
    """The store, with this process's environment pointing at it as its owner."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name, value in s3.environment.items():
        monkeypatch.setenv(name, value)
    return s3
