"""Corrections of p-values for the number of questions that were asked together."""

import numpy as np
from jaxtyping import Float

from ilime_core.errors import InputError

__all__ = ["LEVEL", "benjamini_hochberg"]

LEVEL = 0.05
"""Expected share of false ones among all comparisons that are called better or worse."""


def benjamini_hochberg(p_values: Float[np.ndarray, " tests"]) -> Float[np.ndarray, " tests"]:
    """Adjusted p-values: the smallest level at which the step-up procedure rejects each hypothesis.

    Raises
    ------
    InputError
        If a value is not in [0, 1].

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57 (1995),
       289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    inside = (p_values >= 0) & (p_values <= 1)
    if not inside.all():
        raise InputError(f"p-values lie in [0, 1], {int((~inside).sum())} of {len(p_values)} do not.")
    order = np.argsort(-p_values, kind="stable")
    ranks = np.arange(len(p_values), 0, -1)
    adjusted = np.empty(len(p_values))
    adjusted[order] = np.minimum.accumulate(p_values[order] * len(p_values) / ranks)
    return adjusted
