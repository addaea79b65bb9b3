"""Stored facts of an explained pair: metrics over them cost no encode."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import FaithfulnessValue
from ilime_core.faithfulness.region_truth import RegionTruth

__all__ = ["FitShares", "GlobalPart", "StoredMetric", "StoredPair"]


@dataclass(frozen=True, slots=True)
class FitShares:
    """How the variance of the score divides, and how much of it is explained; None where unknown.

    Fields are those columns of the table ``fits``.
    """

    r2_total: float | None
    r2_linear: float | None
    r2_cross: float | None
    r2_cross_held_out: float | None
    r2_cross_ceiling: float | None
    share_left: float | None
    share_right: float | None
    share_cross: float | None
    sum_squared_error: float | None
    """Sum of the squared standard errors of W, product term subtracted."""
    share_certain: float | None
    """Share of the cells of W that are told from zero, corrected for their number; None of exact weights."""


@dataclass(frozen=True, slots=True, eq=False)
class GlobalPart:
    """Where a pair's segments lie on the leading factors of the whole benchmark.

    ``left_scores`` and ``right_scores`` are the entries of the global singular vectors that belong to the
    pair's segments: the leading factors say W is about ``left_scores @ diag(strengths) @ right_scores.T``.
    """

    left_scores: Float[np.ndarray, "left factors"]
    right_scores: Float[np.ndarray, "right factors"]
    strengths: Float[np.ndarray, " factors"]


@dataclass(frozen=True, slots=True, eq=False)
class StoredPair:
    """One pair under one estimator; None where the run does not know."""

    explanation: PairExplanation
    shares: FitShares
    global_part: GlobalPart | None
    truth: RegionTruth | None
    """Which regions show what words name; None where nobody has said."""


StoredMetric = Callable[[StoredPair], tuple[FaithfulnessValue, ...]]
"""A metric over what is stored; no values where it does not apply to the pair at all."""
