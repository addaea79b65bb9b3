"""Differences between methods, pair by pair, with p-values that know how many were asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes
from ilime_core.aggregates.corrections import LEVEL, question_by_question
from ilime_core.aggregates.power import smallest_difference

__all__ = ["MethodDifference", "MethodQuestion", "method_differences"]

ROUNDING = 1e-5
"""Share of the larger value; smaller differences of two methods are rounding and count as none."""


@dataclass(frozen=True, slots=True, eq=False)
class MethodQuestion:
    """Values of several methods on the same pairs, of which the best is asked for.

    Attributes
    ----------
    values
        NaN where unknown.
    left, right
        A number for each item of a pair, the same on all its pairs.
    bounds
        Possible range of a value.
    """

    values: Float[np.ndarray, "methods pairs"]
    left: Int64[np.ndarray, " pairs"]
    right: Int64[np.ndarray, " pairs"]
    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True, slots=True)
class MethodDifference:
    """One method minus another.

    Attributes
    ----------
    question, one, other
        Places of the question, and of both methods in it.
    mean
        Over the pairs that have both values.
    n_either
        Pairs that have at least one of them.
    p_value
        Two-sided, against 0; None where there are too few items.
    p_adjusted
        Corrected for all questions; None without a p-value.
    smallest
        Difference that a test at the corrected level would have found; None without a p-value.
    """

    question: int
    one: int
    other: int
    mean: ClusteredMean
    n_either: int
    p_value: float | None
    p_adjusted: float | None = None
    smallest: float | None = None


def method_differences(questions: Sequence[MethodQuestion]) -> list[MethodDifference]:
    """Compare every two methods of each question that have values on common pairs.

    Parameters
    ----------
    questions
        All that are asked together.

    Returns
    -------
    list of MethodDifference
        In the order of the questions and of the methods in them.

    Raises
    ------
    InputError
        If a value is infinite.

    Notes
    -----
    P-values are corrected by `question_by_question`, apart from those of comparisons with controls: which
    method is better, and whether one is better than chance, are other questions, with other shares of true
    answers, and the many easy answers to the one would loosen the test of the other [1]_. A question is what
    is answered as a whole: who is the best. Within it Holm's procedure holds for any dependence, which
    differences that share methods and pairs have. Between questions, which share pairs and methods, too,
    Benjamini and Hochberg choose those that have an answer: this takes positive dependence, and is checked by
    simulation (bench_intervals.py).

    References
    ----------
    .. [1] B. Efron, "Simultaneous Inference: When Should Hypothesis Testing Problems Be Combined?", Annals of
       Applied Statistics 2(1), 2008, pp. 197-223, doi:10.1214/07-AOAS141.
    """
    found = [one for number, question in enumerate(questions) for one in _compared(number, question)]
    tested = [one for one in found if one.p_value is not None]
    asked = np.array([one.question for one in tested], dtype=np.int64)
    adjusted = question_by_question(np.array([one.p_value for one in tested], dtype=np.float64), asked)
    corrected = iter(adjusted.tolist())
    n_tests = np.bincount(asked, minlength=len(questions)).tolist()
    return [
        one
        if one.p_value is None
        else replace(one, p_adjusted=next(corrected), smallest=_smallest(one.mean, n_tests[one.question]))
        for one in found
    ]


def _compared(number: int, question: MethodQuestion) -> Iterator[MethodDifference]:
    for one, other in combinations(range(len(question.values)), 2):
        ours, theirs = question.values[one], question.values[other]
        gaps = ours - theirs
        gaps[np.abs(gaps) <= ROUNDING * np.maximum(np.abs(ours), np.abs(theirs))] = 0.0
        mean = mean_by_codes(gaps, question.left, question.right, bounds=question.bounds.of_difference)
        if mean.n:
            n_either = int((~np.isnan(ours) | ~np.isnan(theirs)).sum())
            yield MethodDifference(number, one, other, mean, n_either, mean.p_value(0.0))


def _smallest(mean: ClusteredMean, n_tests: int) -> float | None:
    if mean.standard_error is None or mean.degrees is None:
        return None
    return smallest_difference(mean.standard_error, mean.degrees, LEVEL / n_tests)
