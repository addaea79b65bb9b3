"""Intervals decide only what they exclude, and nothing of few items or of many questions.

Proves tasks.report.leaderboard.verdicts, tasks.report.leaderboard.verdict_words.
"""

import pytest

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from tasks.report.leaderboard.verdict_words import COMPARISON, said
from tasks.report.leaderboard.verdicts import BoardEstimate, Leaders, Verdict, judged, leaders


def estimate(mean, half=None, **changes):
    low, high = (None, None) if half is None else (mean - half, mean + half)
    rest = {"n_clusters": 10, "null": 0.0, "p_adjusted": 0.01}
    return BoardEstimate(mean, mean, low, high, 10, 0, **(rest | changes))


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
    assert judged(estimate(mean, half), direction) is verdict


def test_the_constant_moves_the_verdict():
    assert judged(estimate(0.05, 0.02, null=0.1), "lower") is Verdict.BETTER
    assert judged(estimate(0.05, 0.02, null=0.06), "lower") is Verdict.UNDECIDED
    assert judged(estimate(0.05, 0.02, null=0.01), "lower") is Verdict.WORSE
    assert judged(estimate(0.05, 0.02, null=None), "lower") is Verdict.UNKNOWN
    assert judged(None, "lower") is Verdict.UNKNOWN


def test_nothing_is_claimed_of_few_items():
    few = estimate(0.3, 0.1, n_clusters=FEWEST_CLUSTERS - 1)
    assert judged(few, "higher") is Verdict.TOO_FEW
    assert said(few, "higher", COMPARISON) == "too few items (9 on a side, 10 are needed)"
    assert judged(estimate(0.3, 0.1, n_clusters=None), "higher") is Verdict.UNKNOWN  # an older table


def test_an_interval_that_excludes_the_constant_is_not_enough_among_many_questions():
    assert judged(estimate(0.3, 0.1, p_adjusted=0.05), "higher") is Verdict.UNCORRECTED
    assert judged(estimate(0.3, 0.1, p_adjusted=None), "higher") is Verdict.UNCORRECTED
    assert judged(estimate(0.3, 0.1, p_adjusted=0.049), "higher") is Verdict.BETTER
    told = said(estimate(0.3, 0.1, p_adjusted=0.2), "higher", COMPARISON)
    assert told == "not distinguishable from chance among all comparisons (n = 10, corrected p = .200)"


THREE = {"a": estimate(0.5, 0.3), "b": estimate(0.8, 0.3), "c": estimate(0.75, 0.3)}
"""Intervals that all meet: what decides is their difference, pair by pair."""


def test_a_method_leaves_where_another_one_is_better_pair_by_pair():
    told = {
        ("a", "b"): estimate(-0.3, 0.1),
        ("a", "c"): estimate(-0.25, 0.1),
        ("b", "c"): estimate(0.05, 0.1),
    }
    assert leaders(THREE, told, "higher") == Leaders(("b", "c"), 3)
    assert leaders(THREE, told, "higher").words == "not distinguishable: b, c"
    assert leaders(THREE, told, "higher").chosen == ("b", "c")
    assert leaders(THREE, told, "lower").best == leaders(THREE, told, "lower").words == "a"
    told |= {("b", "c"): estimate(0.2, 0.1)}
    assert leaders(THREE, told, "higher").best == "b"


def test_one_that_is_better_is_enough_to_leave():
    told = {
        ("a", "b"): estimate(-0.3, 0.1),
        ("a", "c"): estimate(-0.05, 0.1),
        ("b", "c"): estimate(0.05, 0.1),
    }
    assert leaders(THREE, told, "higher").names == ("b", "c")


def test_without_a_corrected_difference_nobody_leaves():
    for change in ({"p_adjusted": 0.05}, {"half": 0.4}):
        told = {("a", "b"): estimate(-0.3, **({"half": 0.1} | change)), ("b", "c"): estimate(0.05, 0.1)}
        found = leaders(THREE, told, "higher")
        assert (found.names, found.chosen, found.best) == (("b", "c", "a"), (), None)


def test_of_few_items_nothing_is_told():
    few = {two: estimate(-0.3, 0.1, n_clusters=9) for two in (("a", "b"), ("a", "c"), ("b", "c"))}
    found = leaders(THREE, few, "higher")
    assert (found.best, found.chosen, found.words) == (None, (), "too few items")
    found = leaders(THREE, few | {("a", "b"): estimate(-0.3, 0.1)}, "higher")
    assert (found.best, found.not_compared) == ("b", ("c",))
    assert found.words == "b (too few items: c)"


def test_without_differences_nobody_wins_and_one_method_is_no_contest():
    assert leaders(THREE, {}, "higher").words == "not compared"
    assert leaders(THREE, {("a", "b"): estimate(0.9)}, "higher").best is None
    unknown = BoardEstimate(None, None, None, None, 0, 9)
    assert (
        leaders({"a": estimate(0.1, 0.1), "b": unknown}, {("a", "b"): estimate(1, 0.1)}, "higher")
        == Leaders()
    )
    assert leaders({}, {}, "higher").words == "no contest"


def test_nobody_leads_in_a_circle():
    """As differences over different pairs may have it."""
    told = {("a", "b"): estimate(0.3, 0.1), ("b", "c"): estimate(0.3, 0.1), ("a", "c"): estimate(-0.3, 0.1)}
    assert leaders(THREE, told, "higher").names == ("b", "c", "a")


def test_turned_it_says_the_same_of_the_other():
    turned = BoardEstimate(0.3, 0.2, 0.1, 0.6, 10, 0).turned
    assert (turned.mean, turned.median, turned.low, turned.high) == (-0.3, -0.2, -0.6, -0.1)
