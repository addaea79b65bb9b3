"""Intervals decide only what they exclude."""

import pytest

from tasks.report.verdicts import Estimate, Verdict, against, leaders


def estimate(mean, half=None):
    low, high = (None, None) if half is None else (mean - half, mean + half)
    return Estimate(mean, mean, low, high, 10, 0)


@pytest.mark.parametrize(
    ("mean", "half", "direction", "verdict"),
    [
        (0.3, 0.1, "higher", Verdict.BETTER),
        (0.3, 0.1, "lower", Verdict.WORSE),
        (-0.3, 0.1, "higher", Verdict.WORSE),
        (-0.3, 0.1, "lower", Verdict.BETTER),
        (0.3, 0.4, "higher", Verdict.UNDECIDED),
        (0.25, 0.25, "higher", Verdict.UNDECIDED),  # an end on the constant excludes nothing
        (0.3, None, "higher", Verdict.UNKNOWN),
    ],
)
def test_a_whole_interval_on_one_side_decides(mean, half, direction, verdict):
    assert against(estimate(mean, half), 0.0, direction) is verdict


def test_the_constant_moves_the_verdict():
    one = estimate(0.05, 0.02)
    assert against(one, 0.1, "lower") is Verdict.BETTER
    assert against(one, 0.06, "lower") is Verdict.UNDECIDED
    assert against(one, 0.01, "lower") is Verdict.WORSE
    assert against(None, 0.0, "lower") is Verdict.UNKNOWN


def test_the_best_stands_alone_only_where_its_interval_meets_no_other():
    values = {"a": estimate(0.5, 0.1), "b": estimate(0.8, 0.1), "c": estimate(0.75, 0.1)}
    assert leaders(values, "higher") == ("b", "c")
    assert leaders(values, "lower") == ("a",)
    assert leaders({"a": estimate(0.5, 0.1), "b": estimate(0.8, 0.1)}, "higher") == ("b",)
    touching = {"a": estimate(0.5, 0.25), "b": estimate(1.0, 0.25)}
    assert leaders(touching, "higher") == ("b", "a")


def test_without_intervals_nobody_wins_and_one_method_is_no_contest():
    assert leaders({"a": estimate(0.1), "b": estimate(0.9, 0.01)}, "higher") == ("b", "a")
    unknown = Estimate(None, None, None, None, 0, 9)
    assert leaders({"a": estimate(0.1, 0.1), "b": unknown}, "higher") == ()
    assert leaders({}, "higher") == ()


def test_half_is_half_of_the_width():
    assert estimate(0.3, 0.125).half == pytest.approx(0.125)
    assert estimate(0.3).half is None
