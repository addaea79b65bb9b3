"""Two models on the same queries: McNemar's test over groups, as it is counted out."""

from math import comb

import numpy as np
import pytest

from ilime_core.aggregates.paired_queries import paired_successes


def binomial(losses, wins):
    n = losses + wins
    return min(1.0, 2 * sum(comb(n, k) for k in range(min(losses, wins) + 1)) / 2**n)


@pytest.mark.parametrize(("losses", "wins"), [(0, 0), (1, 0), (9, 1), (3, 12), (5, 5)])
def test_single_queries_give_mcnemars_exact_test(losses, wins):
    first = np.array([True] * losses + [False] * wins + [True] * 30 + [False] * 4)
    second = np.array([False] * losses + [True] * wins + [True] * 30 + [False] * 4)
    found = paired_successes(first, second, np.arange(len(first)) * 7)
    assert (found.first_only, found.second_only) == (losses, wins)
    assert found.p_value == pytest.approx(binomial(losses, wins))
    assert found.difference.mean == pytest.approx((wins - losses) / len(first))
    assert found.second - found.first == pytest.approx(found.difference.mean)


def test_captions_of_one_photograph_count_once():
    first = np.ones(40, bool)
    second = np.repeat([False] * 3 + [True] * 5, 5)
    alone, grouped = (
        paired_successes(first, second, groups) for groups in (np.arange(40), np.arange(40) // 5)
    )
    assert (alone.first_only, grouped.first_only) == (15, 3)
    assert alone.p_value < 0.001
    assert grouped.p_value == pytest.approx(0.25)
    assert grouped.difference.standard_error > 2 * alone.difference.standard_error


def test_a_group_that_both_share_favours_nobody():
    found = paired_successes(np.array([True, False]), np.array([False, True]), np.zeros(2, np.int64))
    assert (found.first_only, found.second_only, found.p_value) == (0, 0, 1.0)


def test_the_null_is_rejected_as_often_as_it_may_be():
    rng = np.random.default_rng(0)
    p_values = [
        paired_successes(rng.random(200) < 0.7, rng.random(200) < 0.7, np.arange(200) // 2).p_value
        for _ in range(400)
    ]
    assert np.mean(np.array(p_values) <= 0.05) < 0.07


def test_no_query_is_no_answer():
    nothing = np.zeros(0, bool)
    assert paired_successes(nothing, nothing, np.zeros(0, np.int64)) is None
