"""Progress of a block: a failed attempt takes back what it has reported."""

import pytest

from tasks.stages.progress import attempt, report_progress, set_listener
from tasks.storage.storage import StorageError


def test_what_a_failed_attempt_has_counted_is_taken_back():
    heard = []

    def fail():
        report_progress("score", 5, "images")
        report_progress("score", 3, "images")
        raise StorageError("lost")

    set_listener(lambda *what: heard.append(what))
    try:
        with pytest.raises(StorageError), attempt():
            fail()
        with attempt():
            report_progress("score", 8, "images")
    finally:
        set_listener(None)
    assert sum(n for _, n, _ in heard) == 8
    assert ("score", -8, "images") in heard
