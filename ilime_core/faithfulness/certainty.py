"""How many interactions are told from zero."""

import numpy as np
from jaxtyping import Float
from scipy.special import ndtr

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.stored import StoredPair

__all__ = ["LEVEL", "certainty", "n_discoveries"]

LEVEL = 0.05
"""Expected share of false discoveries."""


def certainty(pair: StoredPair) -> tuple[FaithfulnessValue, ...]:
    """Share of the cells of W that are significant at 5 %, false discoveries controlled.

    Each weight over its standard error is held against the normal law, on both sides. A weight without error
    is known: it is significant unless it is zero. Noise alone would give at most 5 % of false discoveries
    among those made, so that no chance control stands beside.

    References
    ----------
    .. [1] Y. Benjamini, Y. Hochberg, "Controlling the False Discovery Rate", J. R. Stat. Soc. B 57 (1995),
       289-300, doi:10.1111/j.2517-6161.1995.tb02031.x.
    """
    weights, errors = pair.explanation.interactions, pair.standard_errors
    value = None
    if errors is not None:
        known = errors == 0
        z = np.abs(weights) / np.where(known, 1.0, errors)
        p_values = np.where(known, (weights == 0).astype(np.float64), 2 * ndtr(-z))
        value = n_discoveries(p_values.ravel(), LEVEL) / weights.size
    return (FaithfulnessValue("certainty", "none", Control.EXPLANATION, value, direction="higher"),)


def n_discoveries(p_values: Float[np.ndarray, " tests"], level: float) -> int:
    """Hypotheses that the step-up procedure rejects: the largest k with k-th p-value at most k level / n."""
    bounds = level * np.arange(1, len(p_values) + 1) / len(p_values)
    passed = np.flatnonzero(np.sort(p_values) <= bounds)
    return int(passed[-1]) + 1 if len(passed) else 0
