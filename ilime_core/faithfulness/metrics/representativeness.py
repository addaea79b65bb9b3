"""Representativeness: share of a pair's explanation in the factors of the whole benchmark."""

import numpy as np

from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.reported import R2, Group, Reported

__all__ = ["REPRESENTATIVENESS", "representativeness"]


def representativeness(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Share of |W|^2 that the leading factors of the benchmark tell: 1 - |W - L S R^T|^2 / |W|^2.

    Negative where they say of this pair what its own W does not. Unknown where the run has no global factors,
    or W is zero.
    """
    weights, part, value = pair.explanation.interactions, pair.global_part, None
    size = float(np.square(weights).sum())
    if part is not None and size > 0:
        told = (part.left_scores * part.strengths) @ part.right_scores.T
        value = 1.0 - float(np.square(weights - told).sum()) / size
    return (FaithfulnessValue("representativeness", "none", Control.EXPLANATION, value),)


REPRESENTATIVENESS = Metric(
    make=representativeness,
    what="share of the energy of W that the leading factors of the benchmark tell",
    source="ilime",
    title="representativeness",
    needs_factors=True,
    reports=(
        Reported(
            name="representativeness",
            title="representativeness",
            says="Share of the matrix's energy that the leading factors of the whole benchmark tell.",
            group=Group.COMPREHENSIBILITY,
            direction="higher",
            bounds=R2,
        ),
    ),
)
