import gc

import pytest

from tasks.process.collector import pause_collector, resume_collector


@pytest.fixture(autouse=True)
def _unfrozen():
    yield
    gc.enable()


def test_no_garbage_is_looked_for_until_it_is_resumed():
    pause_collector()
    assert not gc.isenabled()
    frozen, kept = gc.get_freeze_count(), [[] for _ in range(1000)]
    resume_collector()
    assert gc.isenabled()
    assert gc.get_freeze_count() >= frozen + len(kept)  # nor among what was made meanwhile


def test_a_collector_that_its_user_has_stopped_stays_so():
    gc.disable()
    pause_collector()
    resume_collector()
    assert not gc.isenabled()
