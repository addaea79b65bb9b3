"""How many blocks of a stage may be at work, here and on a cluster."""

import pytest

from flows.runners.schedule import Schedule
from flows.runners.seam import StageWork


def nothing(root, run_id, block):
    raise AssertionError("only counted")


def given_out(work, n_encoders):
    """Task runs that start before any has ended."""
    schedule = Schedule([work], 1, n_encoders)
    n = 0
    while schedule.take():
        n += 1
    return n


@pytest.mark.parametrize(
    ("encodes", "limit", "n_encoders", "at_once"),
    [
        (True, 1, None, 1),  # threads: one device, held all the time
        (True, None, None, 9),  # threads: the next block is prepared beside it
        (True, 1, 1, 1),
        (True, 1, 3, 3),
        (True, None, 3, 3),  # a process that does one task at a time prepares nothing
        (True, 2, 3, 6),
        (False, 1, 3, 1),
        (False, None, 3, 9),
    ],
)
def test_a_limit_is_meant_for_each_process_that_encodes(encodes, limit, n_encoders, at_once):
    work = StageWork("score", nothing, tuple(range(9)), limit=limit, encodes=encodes)
    assert given_out(work, n_encoders) == at_once


def test_an_ended_task_makes_room_for_one_more():
    schedule = Schedule(
        [StageWork("score", nothing, tuple(range(9)), limit=1, encodes=True)], 1, n_encoders=2
    )
    assert [schedule.take() is not None for _ in range(3)] == [True, True, False]
    schedule.done("score")
    assert [schedule.take() is not None for _ in range(2)] == [True, False]
