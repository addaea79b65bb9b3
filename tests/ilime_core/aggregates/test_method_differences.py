"""Method against method: on common pairs, without rounding, corrected question by question."""

import numpy as np
import pytest
from scipy import stats

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.method_differences import MethodQuestion, method_differences

N = 24
RNG = np.random.default_rng(3)
LEFT, RIGHT = np.arange(N) // 2, np.arange(N)
PAIR = RNG.normal(size=N) / 5
"""What makes a pair easy for every method: intervals of means are wide, those of differences are not."""


def noisy(mean, spread=0.03):
    return mean + PAIR + RNG.normal(size=N) * spread


ANSWERED = MethodQuestion(np.array([noisy(0.46), noisy(0.46), noisy(0.4)]), LEFT, RIGHT, Bounds(-2.0, 2.0))
OPEN = MethodQuestion(np.array([noisy(0.3) for _ in range(3)]), LEFT, RIGHT)
FEW = MethodQuestion(ANSWERED.values[:, :12], LEFT[:12], RIGHT[:12])
"""Six left items are too few to claim anything."""


def compared(*rows, left=LEFT, right=RIGHT):
    return method_differences([MethodQuestion(np.array(rows), left, right)])


def test_each_two_methods_of_a_question_are_compared_once():
    places = [(one.question, one.one, one.other) for one in method_differences([ANSWERED, OPEN])]
    assert places == [(number, *two) for number in (0, 1) for two in ((0, 1), (0, 2), (1, 2))]


def test_a_difference_is_the_clustered_mean_within_the_range_of_differences():
    found = method_differences([ANSWERED])[1]
    gaps = ANSWERED.values[0] - ANSWERED.values[2]
    assert found.mean == mean_by_codes(gaps, LEFT, RIGHT, bounds=Bounds(-4.0, 4.0))
    assert found.p_value == found.mean.p_value(0.0)
    assert found.n_either == N


def test_pairs_tell_apart_what_intervals_side_by_side_do_not():
    one, other = (mean_by_codes(ANSWERED.values[place], LEFT, RIGHT) for place in (2, 0))
    assert one.high > other.low
    assert method_differences([ANSWERED])[1].p_adjusted < 0.01


def test_p_values_are_corrected_within_a_question_and_for_questions_without_answer():
    found = method_differences([ANSWERED, FEW, OPEN])
    few = [one for one in found if one.question == 1]
    assert [(one.p_value, one.p_adjusted, one.smallest) for one in few] == [(None, None, None)] * 3
    for number, answered in ((0, True), (2, False)):
        mine = [one for one in found if one.question == number]
        p = sorted(one.p_value for one in mine)
        wanted = np.maximum.accumulate(np.array(p) * (3, 2, 1)) * 2  # one of two questions has an answer
        adjusted = sorted(one.p_adjusted for one in mine)
        assert adjusted == pytest.approx(np.minimum(wanted, 1.0))
        assert (adjusted[0] < 0.05) is answered


def test_the_smallest_difference_is_that_of_the_corrected_level():
    found = method_differences([OPEN, ANSWERED])[3]
    reach = stats.t.ppf(1 - 0.05 / 3 / 2, found.mean.degrees) + stats.t.ppf(0.8, found.mean.degrees)
    assert found.smallest == pytest.approx(reach * found.mean.standard_error)


def test_methods_are_compared_on_pairs_that_both_have():
    one, other = noisy(0.4), noisy(0.5)
    one[:3] = np.nan
    other[2:7] = np.nan
    [found] = compared(one, other)
    # Of 24 pairs 7 have no difference, and the third of them belongs to neither method.
    assert (found.mean.n, found.n_either) == (17, 23)
    assert found.mean.mean == pytest.approx((one - other)[7:].mean())
    one[7:] = np.nan
    assert compared(one, other) == []


def test_what_rounding_makes_is_no_difference():
    values = noisy(0.4)
    [found] = compared(values, values * (1 + 1e-6))
    mean = found.mean
    assert (mean.mean, found.p_value, mean.low, mean.high) == (0.0, 1.0, 0.0, 0.0)
    [found] = compared(values, values * (1 + 1e-4))
    assert found.mean.mean != 0.0
