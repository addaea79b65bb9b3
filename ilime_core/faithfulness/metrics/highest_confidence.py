"""Highest confidence: largest score with a small part of a pair."""

from functools import partial

import numpy as np

from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Target
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.metrics.insertion_deletion import RANDOM_ORDERS
from ilime_core.faithfulness.pair_curves import Paths
from ilime_core.faithfulness.reported import COSINE, EVERY_CONTROL, Group, Reported

__all__ = ["HIGHEST_CONFIDENCE", "highest_confidence"]

AREAS = (0.25, 0.5, 0.75, 1.0)
ROUNDING = 1e-9


def highest_confidence(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Highest score over the prefixes of an order that take no more than a share of the area.

    References
    ----------
    .. [1] R. Chen, H. Zhang, S. Liang, J. Li, X. Cao, "Less is More: Fewer Interpretable Region via
       Submodular Subset Selection", ICLR 2024, arXiv:2402.09164, section 5 (average highest confidence; of
       wrong predictions there, of any pair here).
    """
    curves = pair.curves
    found: list[FaithfulnessValue] = []
    for side in curves.sides:
        scale = curves.scales[side, Target.SCORE]
        for control, own in curves.of(side, Target.SCORE, Direction.INSERTION):
            for share in AREAS:
                highest = [_highest(curve, share) for curve in own]
                found.append(
                    FaithfulnessValue(
                        metric="highest_confidence",
                        mode=f"area {share:.0%}",
                        side=side,
                        control=control,
                        value=float(np.mean(highest)),
                        normalised=scale.normalised(float(np.mean(highest))),
                        spread=float(np.std(highest, ddof=1)) if control is Control.RANDOM else None,
                        n_orders=len(highest),
                    )
                )
    return tuple(found)


def _highest(curve: Curve, share: float) -> float:
    return float(curve.y[curve.area <= share + ROUNDING].max())


HIGHEST_CONFIDENCE = Metric(
    make=highest_confidence,
    what="highest score with no more than a quarter, half, three quarters or all of the area",
    source="https://arxiv.org/abs/2402.09164",
    title="highest confidence",
    settings=("sides", "steps", "random_orders"),
    reads=partial(Paths, directions=(Direction.INSERTION,)),
    reports=(
        Reported(
            name="highest_confidence",
            title="highest confidence",
            says="Highest score of all beginnings of the order that take no more than a share of the area.",
            group=Group.CURVES,
            direction="higher",
            bounds=COSINE,
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("area 25%",),
        ),
    ),
)
