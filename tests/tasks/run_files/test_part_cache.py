"""Part cache: read once, evicted oldest first, never larger than its limit."""

import threading
import time

import pytest

from tasks.run_files.part_cache import PartCache


@pytest.fixture
def reads():
    return []


def part(reads, name, size=10):
    def read():
        reads.append(name)
        return name.encode().ljust(size, b".")

    return ("root", name), read


def test_a_part_is_read_once(reads):
    cache = PartCache(100)
    assert cache.get(*part(reads, "a")) == cache.get(*part(reads, "a")) == b"a........."
    assert cache.get(("elsewhere", "a"), part(reads, "a of another root")[1]).startswith(b"a of another")
    assert reads == ["a", "a of another root"]


def test_what_was_used_longest_ago_goes_first(reads):
    cache = PartCache(30)
    for name in ("a", "b", "c", "a", "d"):
        cache.get(*part(reads, name))
    assert cache.size == 30
    reads.clear()
    for name in ("a", "c", "d", "b"):
        cache.get(*part(reads, name))
    assert reads == ["b"]


def test_a_part_of_more_than_half_is_not_kept(reads):
    cache = PartCache(19)
    assert not cache.holds(10)
    assert cache.holds(9)
    for _ in range(2):
        assert len(cache.get(*part(reads, "large"))) == 10
    assert reads == ["large", "large"]
    assert cache.size == 0


def test_threads_that_want_one_part_read_it_once(reads):
    cache = PartCache(100)
    place, read = part(reads, "a")

    def slowly():
        time.sleep(0.05)
        return read()

    threads = [threading.Thread(target=cache.get, args=(place, slowly)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert reads == ["a"]


def test_a_failed_reading_is_tried_again_and_leaves_nothing(reads):
    cache = PartCache(100)

    def fail():
        raise OSError("gone")

    with pytest.raises(OSError, match="gone"):
        cache.get(("root", "a"), fail)
    assert cache.size == 0
    assert cache.get(*part(reads, "a")) == b"a........."
