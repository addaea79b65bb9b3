"""A group on its way to another process: what it takes along, what stays, and what it brings back."""

import pickle

import pytest

from flows.runners.block_group import BlockGroup
from flows.runners.seam import StageWork
from ilime_core.errors import InputError
from tasks.spec import StorageParameters
from tasks.stages.block_report import BlockReport
from tasks.storage.access import STORAGE_VARIABLE, grant_access, granted
from tasks.storage.storage import StorageError

PLAYED = []


def body(root, run_id, block):
    PLAYED.append((root, run_id, block, granted().endpoint_url))
    if block == 1:
        raise StorageError("connection lost")
    if block == 2:
        raise InputError("never")
    return BlockReport("fit", block, 1)


def sent(group):
    return pickle.loads(pickle.dumps(group))


@pytest.fixture
def played(monkeypatch):
    monkeypatch.setenv(STORAGE_VARIABLE, "")
    PLAYED.clear()
    yield PLAYED
    grant_access(StorageParameters())


def group(stop=lambda: False):
    import sys

    module = sys.modules[__name__]
    sys.modules.setdefault(body.__module__, module)  # pytest's importlib mode: pickle looks the body up there
    return BlockGroup(StageWork("fit", body, (0, 1, 2)), "root", "r1", (0, 1, 2), stop=stop)


def test_the_outcome_is_a_value_and_a_retry_does_what_is_left(played):
    arrived = sent(group())
    first = sent(arrived.attempt())
    assert [report.block for report in first.reports] == [0]
    assert [(one.block, one.message) for one in first.failures] == [
        (2, "InputError: never"),
        (1, "StorageError: connection lost"),
    ]
    assert (first.attempts, first.may_help) == (1, True)
    second = arrived.attempt()
    assert second.attempts == 2
    assert [block for _, _, block, _ in played] == [0, 1, 2, 1]


def test_a_stop_here_does_not_travel(played):
    here = group(stop=lambda: True)
    assert here.attempt().reports == ()
    assert here.attempt().may_help is False
    assert [report.block for report in sent(here).attempt().reports] == [0]


def test_the_way_to_stores_travels(played):
    grant_access(StorageParameters(endpoint_url="http://127.0.0.1:9000"))
    packed = pickle.dumps(group())
    grant_access(StorageParameters())
    assert granted().endpoint_url == ""
    pickle.loads(packed).attempt()
    assert {endpoint for *_, endpoint in played} == {"http://127.0.0.1:9000"}
