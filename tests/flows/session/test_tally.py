"""Tally of a start: blocks that it computed, and none of the cost of blocks that it found committed."""

from flows.session.tally import StartTally
from tasks.stages.block_report import BlockReport
from tasks.tables.counts import Counts


def test_found_blocks_are_counted_and_cost_nothing():
    tally = StartTally()
    tally.add(BlockReport("score", 0, 5, Counts(image_encodes=7, failed=1)))
    tally.add(BlockReport("score", 1, 5, Counts(image_encodes=100, failed=3), found_committed=True))
    tally.add(BlockReport("fit", 0, 2, Counts(image_encodes=4)))
    assert (tally.computed, tally.found_committed) == (2, 1)
    assert (tally.counts.image_encodes, tally.counts.failed) == (11, 1)
    assert tally.committed == {("score", 0), ("score", 1), ("fit", 0)}
