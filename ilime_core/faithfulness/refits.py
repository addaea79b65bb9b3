"""Variations under which pairs are explained again, and means over the draws of one."""

from enum import StrEnum

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue

__all__ = ["Refits", "Variation", "Weights", "mean_of_draws"]

Weights = Float[np.ndarray, "left right"]
Refits = Float[np.ndarray, "draws left right"]
"""W of each draw; no draws where nothing of a pair was varied, or all failed."""


class Variation(StrEnum):
    """The one thing that is changed before a pair is explained again."""

    SEED = "seed"
    """Other masks."""
    NOISE = "noise"
    """A little noise on images."""
    RADIUS = "radius"
    """More noise on images."""
    WEIGHTS = "weights"
    """The model's weights are permuted."""
    MODEL = "model"
    """Another model."""


def mean_of_draws(
    metric: str, mode: str, each: Float[np.ndarray, " draws"], control: Control = Control.EXPLANATION
) -> FaithfulnessValue:
    """Mean over the draws that have a value; a draw whose matrix does not vary has none (NaN).

    Parameters
    ----------
    metric, mode
        Names that the value is stored under.
    each
        Value of each draw; NaN where it has none.
    control
        What the values are of.

    Returns
    -------
    FaithfulnessValue
        ``value`` is None without a draw that counts, ``spread`` below two; ``n_orders`` counts them.
    """
    known = each[np.isfinite(each)]
    return FaithfulnessValue(
        metric,
        mode,
        control,
        float(known.mean()) if len(known) else None,
        spread=float(known.std(ddof=1)) if len(known) > 1 else None,
        n_orders=len(known),
    )
