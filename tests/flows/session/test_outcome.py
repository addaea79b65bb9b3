"""Shortfall of a start: its counts, its tolerance and its one line."""

from types import SimpleNamespace

import pytest

from flows.session.outcome import FailureCount, Shortfall, count_failures


def test_failures_are_counted_by_stage_and_reason_the_most_frequent_first():
    failed = [("segment", "empty"), ("embed", "undecodable"), ("embed", "empty"), ("embed", "undecodable")]
    assert count_failures(SimpleNamespace(stage=stage, reason=reason) for stage, reason in failed) == (
        FailureCount("embed", "undecodable", 2),
        FailureCount("embed", "empty", 1),
        FailureCount("segment", "empty", 1),
    )


@pytest.mark.parametrize(
    ("failed", "blocks", "too_much"), [(10, {}, False), (11, {}, True), (0, {"fit": 1}, True)]
)
def test_a_share_of_items_is_tolerated_and_no_block(failed, blocks, too_much):
    items = (FailureCount("embed", "empty", failed),) if failed else ()
    assert Shortfall(100, 0.1, items, blocks).too_much == too_much


def test_the_line_names_counts_alone():
    items = (FailureCount("embed", "empty", 2), FailureCount("segment", "empty", 1))
    assert str(Shortfall(50, 0.1, items, {"score": 2, "fit": 1})) == (
        "3 blocks are not committed (score 2, fit 1); "
        "3 of 50 items failed (embed empty 2, segment empty 1), tolerated are 10.0%"
    )
    assert str(Shortfall(50, 0.1)) == "nothing failed"
