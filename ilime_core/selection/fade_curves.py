"""Fading curves and their mean; a module of its own, so that drawing them needs no torch."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ilime_core.errors import InputError

__all__ = ["FadeCurve", "mean_curve"]


@dataclass(frozen=True, slots=True, eq=False)
class FadeCurve:
    """Score of the pair as one segment comes in, all others being there."""

    segment: int
    x: Float[np.ndarray, " points"]
    """Level of the segment: 0 its baseline, 1 itself."""
    y: Float[np.ndarray, " points"]
    n_encodes: int


def mean_curve(
    curves: Sequence[FadeCurve],
) -> tuple[Float[np.ndarray, " points"], Float[np.ndarray, " points"]]:
    """Mean of curves over the same levels: the partial dependence of the score.

    Raises
    ------
    InputError
        If there is no curve, or they were read at different levels.
    """
    if not curves:
        raise InputError("a mean needs at least one curve, got none.")
    x = curves[0].x
    if any(len(one.x) != len(x) or not np.allclose(one.x, x, rtol=0, atol=1e-6) for one in curves):
        raise InputError("curves over different levels have no mean: take those of one side and selection.")
    return x, np.mean([one.y for one in curves], axis=0)
