"""Eight requests are in flight, and results come in order."""

import threading

import pytest

from tasks.storage.many_requests import read_many


def test_eight_requests_wait_together_and_their_results_come_in_order():
    together = threading.Barrier(8)

    def read(number):
        together.wait(timeout=30)  # broken unless eight are in flight
        return number * number

    assert list(read_many(read, range(16))) == [number * number for number in range(16)]


def test_the_first_error_in_order_is_raised_after_the_results_before_it():
    def read(number):
        if number >= 2:
            raise ValueError(f"no {number}")
        return number

    found = []
    with pytest.raises(ValueError, match="no 2"):
        found.extend(read_many(read, range(5)))
    assert found == [0, 1]
