"""Fidelity: share of the score's variance that the surrogate explains, by the run's own statistics."""

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.stored import StoredPair

__all__ = ["fidelity"]


def fidelity(pair: StoredPair) -> tuple[FaithfulnessValue, ...]:
    """R2 of the bilinear surrogate beside that of its main effects, and R2 of W on the joint part.

    ``r2_cross`` is in closed form from the rows of the fit, unknown where these were drawn off p = 1/2;
    ``r2_cross_held_out`` is of rows that the fit has not seen, and may be negative. ``r2_cross_ceiling`` is
    what the best bilinear form would reach, and ``share_cross`` the share of the variance that all three are
    shares of.

    References
    ----------
    .. [1] B. Joukovsky, F. Sammani, N. Deligiannis, "Model-agnostic visual explanations via approximate
       bilinear models", ICIP 2023, doi:10.1109/ICIP49359.2023.10222440.
    """
    shares = pair.shares
    return tuple(
        FaithfulnessValue(metric, "none", control, value, direction="higher")
        for metric, control, value in (
            ("r2_total", Control.EXPLANATION, shares.r2_total),
            ("r2_total", Control.MAIN_EFFECTS, shares.r2_linear),
            ("r2_cross", Control.EXPLANATION, shares.r2_cross),
            ("r2_cross_held_out", Control.EXPLANATION, shares.r2_cross_held_out),
            ("r2_cross_ceiling", Control.EXPLANATION, shares.r2_cross_ceiling),
            ("share_cross", Control.EXPLANATION, shares.share_cross),
        )
    )
