"""Two runs name by name: as one mean at a time, and corrected over all that is asked."""

import numpy as np
import pytest

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.clustered_mean import mean_by_codes
from ilime_core.aggregates.corrections import question_by_question
from ilime_core.aggregates.run_differences import NamedValues, run_differences

SHARES = Bounds(0.0, 1.0)


def question(seed, effect=0.0, n_names=5, n=40, bounds=SHARES):
    """Names 0 ... with values of 40 pairs each; the last name moves by the effect."""
    rng = np.random.default_rng(seed)
    names = np.tile(np.arange(n_names), n)
    first = rng.uniform(0.2, 0.5, len(names))
    second = first + rng.normal(scale=0.05, size=len(names)) + effect * (names == n_names - 1)
    left, right = np.repeat(np.arange(n), n_names), np.repeat(np.arange(n) // 2, n_names)
    return NamedValues(names, first, second, left, right, bounds)


def test_each_name_is_the_clustered_mean_of_its_differences():
    one, other = question(0, 0.1), question(1)
    found = run_differences([one, other])
    assert [(each.question, each.name) for each in found] == [(q, n) for q in (0, 1) for n in range(5)]
    expected = []
    for each in found:
        asked = (one, other)[each.question]
        here = asked.names == each.name
        mean = mean_by_codes(
            (asked.second - asked.first)[here], asked.left[here], asked.right[here], bounds=Bounds(-1.0, 1.0)
        )
        assert each.difference == mean
        assert each.second - each.first == pytest.approx(mean.mean)
        expected.append(mean.p_value(0.0))
    corrected = question_by_question(np.array(expected), np.repeat([0, 1], 5))
    assert [each.p_adjusted for each in found] == pytest.approx(corrected.tolist())
    assert found[4].p_adjusted < 0.001
    assert min(each.p_adjusted for each in found[5:]) > 0.05


def test_false_answers_are_as_rare_as_the_correction_says():
    wrong = sum(
        min(each.p_adjusted for each in run_differences([question(seed)])) < 0.05 for seed in range(200)
    )
    assert wrong / 200 < 0.09


def test_rare_names_are_listed_without_a_p_value_and_unknown_values_are_left_out():
    values = question(2, n_names=2, n=12)
    values.first[values.names == 1] = np.nan
    assert [each.name for each in run_differences([values])] == [0]
    few = question(2, n_names=2, n=6)
    assert [each.p_adjusted for each in run_differences([few])] == [None, None]


def test_rounding_is_no_difference():
    values = question(3, n_names=1)
    values.second[:] = values.first * (1 + 1e-7)
    assert run_differences([values])[0].difference.mean == 0.0
