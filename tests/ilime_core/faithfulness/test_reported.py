"""Every value that a metric reports has a range, and every known chance one constant."""

import pytest

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.errors import InputError
from ilime_core.faithfulness.registry import REPORTED, reported


def test_a_mode_may_have_a_range_of_its_own():
    assert reported("insertion").range_of("score") == Bounds(-1.0, 1.0)
    assert reported("insertion").range_of("mixed_difference") == Bounds(-4.0, 4.0)
    assert reported("asymmetry").range_of("score") == Bounds(low=0.0)
    assert reported("asymmetry").range_of("cosine") == Bounds(0.0, 2.0)
    assert reported("pointing_game").range_of("word") == Bounds(0.0, 1.0)


def test_the_scale_from_empty_to_whole_has_no_end():
    assert reported("insertion").range_of("score", "normalised") == UNBOUNDED


def test_what_a_mean_is_held_against_can_be_tested():
    for known in REPORTED.values():
        if known.null is not None:
            assert known.bounds.low is None or known.bounds.low < known.null
            assert known.bounds.high is None or known.null < known.bounds.high


def test_a_metric_that_declares_no_range_is_named():
    with pytest.raises(InputError, match="reports 'novelty'"):
        reported("novelty")
