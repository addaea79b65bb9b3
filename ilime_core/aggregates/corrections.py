"""Corrections of p-values for the number of questions that were asked together."""

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.errors import InputError

__all__ = ["LEVEL", "benjamini_hochberg", "holm", "question_by_question"]

LEVEL = 0.05
"""Expected share of false ones among all comparisons that are called better or worse."""


def benjamini_hochberg(
    p_values: Float[np.ndarray, "*families tests"],
) -> Float[np.ndarray, "*families tests"]:
    """Adjusted p-values: the smallest level at which the step-up procedure rejects each hypothesis.

    Tests along the last axis are one family each; NaN is no test, and stays NaN.

    Raises
    ------
    InputError
        If a value is not in [0, 1].

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57 (1995),
       289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    asked = ~np.isnan(p_values)
    _check(p_values[asked])
    # What is no test comes first: infinite, it leaves the running minimum from the largest on as it is.
    known = np.where(asked, p_values, np.inf).astype(np.float64)
    order = np.argsort(-known, axis=-1, kind="stable")
    ranks = np.arange(p_values.shape[-1], 0, -1)
    counts = np.maximum(asked.sum(axis=-1, keepdims=True), 1)
    scaled = np.take_along_axis(known, order, axis=-1) * counts / ranks
    adjusted = np.empty(scaled.shape)
    np.put_along_axis(adjusted, order, np.minimum.accumulate(scaled, axis=-1), axis=-1)
    return np.where(asked, adjusted, np.nan)


def holm(p_values: Float[np.ndarray, " tests"]) -> Float[np.ndarray, " tests"]:
    """Adjusted p-values: that any of a true null lies below a level has at most this level as probability.

    It holds under any dependence of the tests.

    Raises
    ------
    InputError
        If a value is not in [0, 1].

    References
    ----------
    .. [1] S. Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scandinavian Journal of
       Statistics 6(2), 1979, pp. 65-70.
    """
    _check(p_values)
    order = np.argsort(p_values, kind="stable")
    left = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum(np.maximum.accumulate(p_values[order] * left), 1.0)
    return adjusted


def question_by_question(
    p_values: Float[np.ndarray, " tests"], questions: Int64[np.ndarray, " tests"]
) -> Float[np.ndarray, " tests"]:
    """Adjusted p-values of tests that answer several questions, each read as a whole.

    Below `LEVEL` lie the rejections of this procedure [1]_: Holm's within a question, at `LEVEL` times the
    share of questions that Benjamini and Hochberg select by their smallest adjusted p-values. Of the
    questions to which anything is answered, a share of `LEVEL` at most is then expected to hold any false
    answer. Questions that are asked beside each other but answered apart may not share one step-up procedure
    over all tests: it controls the share of false answers among all answers, and lets those to a single
    question be wrong far more often.

    Parameters
    ----------
    p_values
        Unadjusted; NaN is refused.
    questions
        A number for each question, on each of its tests.

    Returns
    -------
    Float array, one per test
        Between the unadjusted p-value and 1.

    Raises
    ------
    InputError
        If a value is not in [0, 1].

    References
    ----------
    .. [1] Y. Benjamini, M. Bogomolov, "Selective Inference on Multiple Families of Hypotheses", J. R. Stat.
       Soc. B 76(1), 2014, pp. 297-318, doi:10.1111/rssb.12028; proved there for independent questions, and
       for positively dependent ones under conditions.
    """
    _check(p_values)
    adjusted = np.empty(len(p_values))
    numbers = np.unique(questions)
    for number in numbers:
        adjusted[questions == number] = holm(p_values[questions == number])
    best = np.array([adjusted[questions == number].min() for number in numbers])
    answered = int((benjamini_hochberg(best) < LEVEL).sum())
    return np.minimum(adjusted * len(numbers) / max(answered, 1), 1.0)


def _check(p_values: Float[np.ndarray, " tests"]) -> None:
    inside = (p_values >= 0) & (p_values <= 1)
    if not inside.all():
        raise InputError(f"p-values lie in [0, 1], {int((~inside).sum())} of {len(p_values)} do not.")
