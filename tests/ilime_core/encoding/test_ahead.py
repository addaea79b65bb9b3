import threading

import pytest

from ilime_core.encoding.ahead import ahead


def test_order_is_kept_and_nothing_is_lost():
    assert list(ahead(range(100), 3)) == list(range(100))


def test_no_more_than_asked_is_taken_ahead():
    taken = []

    def source():
        for number in range(50):
            taken.append(number)
            yield number

    items = ahead(source(), 3)
    assert [next(items), next(items)] == [0, 1]
    items.close()
    assert len(taken) <= 2 + 3 + 1


def test_the_source_runs_in_another_thread():
    names = list(ahead((threading.current_thread().name for _ in range(2)), 2))
    assert threading.current_thread().name not in names


def test_an_error_comes_in_its_place():
    def source():
        yield 1
        raise ValueError("item two is broken")

    items = ahead(source(), 4)
    assert next(items) == 1
    with pytest.raises(ValueError, match="item two is broken"):
        next(items)
