"""How high the score gets with a small part of a pair."""

import numpy as np

from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Target
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import PairCurves, PathMetric

__all__ = ["highest_confidence"]

AREAS = (0.25, 0.5, 0.75, 1.0)
ROUNDING = 1e-9


def highest_confidence(options: MetricOptions) -> PathMetric:
    """Highest score over the prefixes of an order that take no more than a share of the area.

    References
    ----------
    .. [1] R. Chen, H. Zhang, S. Liang, J. Li, X. Cao, "Less is More: Fewer Interpretable Region via
       Submodular Subset Selection", ICLR 2024, arXiv:2402.09164, section 5 (average highest confidence; of
       wrong predictions there, of any pair here).
    """
    return PathMetric(options, (Direction.INSERTION,), _judge)


def _judge(curves: PairCurves) -> tuple[FaithfulnessValue, ...]:
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
                        direction="higher",
                    )
                )
    return tuple(found)


def _highest(curve: Curve, share: float) -> float:
    return float(curve.y[curve.area <= share + ROUNDING].max())
