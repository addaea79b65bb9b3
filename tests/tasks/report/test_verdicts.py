"""Intervals decide only what they exclude, and nothing of few items or of many questions."""

import pytest
from scipy import stats

from ilime_core.aggregates.intervals import FEWEST_CLUSTERS
from tasks.report.verdicts import Estimate, Leaders, Verdict, comparison_words, judged, leaders


def estimate(mean, half=None, **changes):
    low, high = (None, None) if half is None else (mean - half, mean + half)
    rest = {"n_clusters": 10, "null": 0.0, "p_adjusted": 0.01, "degrees": 1e6}
    error = None if half is None else half / stats.norm.ppf(0.975)
    return Estimate(mean, mean, low, high, 10, 0, **({"standard_error": error} | rest | changes))


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
    assert comparison_words(few, "higher") == "too few to tell (9 items on a side, 10 are needed)"
    assert judged(estimate(0.3, 0.1, n_clusters=None), "higher") is Verdict.UNKNOWN  # an older table


def test_an_interval_that_excludes_the_constant_is_not_enough_among_many_questions():
    assert judged(estimate(0.3, 0.1, p_adjusted=0.05), "higher") is Verdict.UNCORRECTED
    assert judged(estimate(0.3, 0.1, p_adjusted=None), "higher") is Verdict.UNCORRECTED
    assert judged(estimate(0.3, 0.1, p_adjusted=0.049), "higher") is Verdict.BETTER
    told = comparison_words(estimate(0.3, 0.1, p_adjusted=0.2), "higher")
    assert told == "not told from chance among all comparisons"


def test_the_best_stands_alone_only_where_its_interval_meets_no_other():
    values = {"a": estimate(0.5, 0.1), "b": estimate(0.8, 0.1), "c": estimate(0.75, 0.1)}
    assert leaders(values, "higher", 1).names == ("b", "c")
    assert leaders(values, "lower", 1).best == "a"
    two = {"a": estimate(0.5, 0.1), "b": estimate(0.8, 0.1)}
    assert leaders(two, "higher", 1) == Leaders(("b",))
    assert leaders(two, "higher", 1).words == "b"
    touching = {"a": estimate(0.5, 0.26), "b": estimate(1.0, 0.25)}
    assert leaders(touching, "higher", 1).names == ("b", "a")
    assert leaders(touching, "higher", 1).words == "not distinguishable: b, a"


def test_the_more_questions_the_farther_apart_the_best_has_to_be():
    # Half widths of .1 at 95 % become .1 * 2.50 / 1.96 = .127 with 4 questions, .1 * 3.66 / 1.96 with 200.
    two = {"a": estimate(0.5, 0.1), "b": estimate(0.8, 0.1)}
    assert leaders(two, "higher", 4).best == "b"
    assert leaders(two, "higher", 200).best is None


def test_the_best_of_few_items_is_not_told():
    few = {"a": estimate(0.1, 0.01, n_clusters=9), "b": estimate(0.9, 0.01, n_clusters=9)}
    found = leaders(few, "higher", 1)
    assert (found.best, found.words) == (None, "too few to tell")
    one = {"a": estimate(0.1, 0.01, n_clusters=9), "b": estimate(0.9, 0.01)}
    assert leaders(one, "higher", 1).best is None


def test_without_intervals_nobody_wins_and_one_method_is_no_contest():
    assert leaders({"a": estimate(0.1), "b": estimate(0.9, 0.01)}, "higher", 1).names == ("b", "a")
    unknown = Estimate(None, None, None, None, 0, 9)
    assert leaders({"a": estimate(0.1, 0.1), "b": unknown}, "higher", 1) == Leaders()
    assert leaders({}, "higher", 1).words == "no contest"
