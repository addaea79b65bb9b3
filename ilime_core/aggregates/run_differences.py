"""Differences of two runs in many named values, pair by pair, corrected for how many were asked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean, mean_by_codes
from ilime_core.aggregates.corrections import question_by_question
from ilime_core.aggregates.method_differences import ROUNDING

__all__ = ["NamedValues", "RunDifference", "run_differences"]


@dataclass(frozen=True, slots=True, eq=False)
class NamedValues:
    """One quantity of two runs under many names, like the share of each word.

    Attributes
    ----------
    names
        Number of the name of each value, from 0.
    first, second
        The quantity in both runs.
    left, right
        A number for each item of the value's pair.
    bounds
        Possible range of the quantity.
    """

    names: Int64[np.ndarray, " values"]
    first: Float[np.ndarray, " values"]
    second: Float[np.ndarray, " values"]
    left: Int64[np.ndarray, " values"]
    right: Int64[np.ndarray, " values"]
    bounds: Bounds = UNBOUNDED


@dataclass(frozen=True, slots=True)
class RunDifference:
    """Second run minus first of one name.

    Attributes
    ----------
    question, name
        Place of its values, and number of its name.
    first, second
        Means over the pairs that have both values.
    difference
        Their difference, pair by pair.
    p_value
        Two-sided, against 0; None where there are too few items.
    p_adjusted
        Corrected for all names and questions; None without a p-value.
    """

    question: int
    name: int
    first: float
    second: float
    difference: ClusteredMean
    p_value: float | None
    p_adjusted: float | None = None


def run_differences(questions: Sequence[NamedValues]) -> list[RunDifference]:
    """Compare two runs in every name of every question.

    Parameters
    ----------
    questions
        All that are asked together.

    Returns
    -------
    list of RunDifference
        In the order of the questions and names; names without a pair that has both values are left out.

    Raises
    ------
    InputError
        If a value is infinite.

    Notes
    -----
    P-values are corrected by `question_by_question`, as those of `method_differences`: Holm within a
    question, because the shares of all words of a caption sum to 1 and cannot move independently, and
    Benjamini and Hochberg between the questions.
    """
    found = [one for number, question in enumerate(questions) for one in _compared(number, question)]
    tested = [one for one in found if one.p_value is not None]
    adjusted = question_by_question(
        np.array([one.p_value for one in tested], dtype=np.float64),
        np.array([one.question for one in tested], dtype=np.int64),
    )
    corrected = iter(adjusted.tolist())
    return [one if one.p_value is None else replace(one, p_adjusted=next(corrected)) for one in found]


def _compared(number: int, question: NamedValues) -> list[RunDifference]:
    fields = (question.names, question.first, question.second, question.left, question.right)
    known = np.flatnonzero(~np.isnan(question.first + question.second))
    order = known[np.argsort(question.names[known], kind="stable")]
    names, first, second, left, right = (field[order] for field in fields)
    gaps = second - first
    gaps[np.abs(gaps) <= ROUNDING * np.maximum(np.abs(first), np.abs(second))] = 0.0
    starts = np.flatnonzero(np.diff(names, prepend=-1))
    found = []
    for start, stop in zip(starts, np.append(starts[1:], len(names)), strict=True):
        here = slice(int(start), int(stop))
        mean = mean_by_codes(gaps[here], left[here], right[here], bounds=question.bounds.of_difference)
        found.append(
            RunDifference(
                question=number,
                name=int(names[start]),
                first=float(first[here].mean()),
                second=float(second[here].mean()),
                difference=mean,
                p_value=mean.p_value(0.0),
            )
        )
    return found
