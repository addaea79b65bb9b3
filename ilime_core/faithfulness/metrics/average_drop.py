"""Average drop and increase: change of the score when only the top part of a pair is kept."""

from functools import partial

import numpy as np

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Scale, Target
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.metrics.insertion_deletion import RANDOM_ORDERS
from ilime_core.faithfulness.pair_curves import Paths
from ilime_core.faithfulness.reported import EVERY_CONTROL, SHARE, Group, Reported

__all__ = ["AVERAGE_DROP", "average_drop"]

KEPT = (0.25, 0.5)
"""Shares of the segments that are kept."""

ROUNDING = 1e-9


def average_drop(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Drop and increase: the score of the kept part against that of the whole pair.

    The part is the prefix of the insertion order at the last point of its curve that keeps no more than the
    share. The published drop is a share of the whole score; a cosine has no zero that means nothing, so the
    raw drop stands beside one on the scale from the empty to the full pair.

    References
    ----------
    .. [1] A. Chattopadhay, A. Sarkar, P. Howlader, V. N. Balasubramanian, "Grad-CAM++", WACV 2018, equations
       (average drop, increase in confidence), doi:10.1109/WACV.2018.00097.
    """
    curves = pair.curves
    found: list[FaithfulnessValue] = []
    for side in curves.sides:
        scale = curves.scales[side, Target.SCORE]
        for _, own in curves.of(side, Target.SCORE, Direction.INSERTION):
            for share in KEPT:
                found += _of_share(own, share, scale)
    return tuple(found)


def _of_share(curves: tuple[Curve, ...], share: float, scale: Scale) -> list[FaithfulnessValue]:
    first = curves[0]
    kept = np.asarray([float(curve.y[np.flatnonzero(curve.x <= share + ROUNDING)[-1]]) for curve in curves])
    drops = np.maximum(scale.full - kept, 0.0)
    gained = (kept > scale.full).astype(float)
    # A drop is a distance: 0 at the full pair, 1 at the empty one.
    left_over = scale.normalised(scale.full - float(drops.mean()))
    random = first.control is Control.RANDOM

    def value(metric: str, each: np.ndarray, normalised: float | None = None) -> FaithfulnessValue:
        return FaithfulnessValue(
            metric=metric,
            mode=f"top {share:.0%}",
            side=first.side,
            control=first.control,
            value=float(each.mean()),
            normalised=normalised,
            spread=float(each.std(ddof=1)) if random else None,
            n_orders=len(each),
        )

    return [
        value("average_drop", drops, None if left_over is None else 1.0 - left_over),
        value("average_increase", gained),
    ]


AVERAGE_DROP = Metric(
    make=average_drop,
    what="what the score loses, and how often it gains, when only the top part is kept",
    source="https://doi.org/10.1109/WACV.2018.00097",
    title="average drop and increase",
    settings=("sides", "steps", "random_orders"),
    reads=partial(Paths, directions=(Direction.INSERTION,)),
    reports=(
        Reported(
            name="average_drop",
            title="average drop",
            says="What the score loses when only the top part of the explanation's order is kept.",
            group=Group.CURVES,
            direction="lower",
            bounds=Bounds(0.0, 2.0),
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("top 25%",),
        ),
        Reported(
            name="average_increase",
            title="average increase",
            says="Share of pairs whose score rises when only the top part of the explanation's order is "
            "kept.",
            group=Group.CURVES,
            direction="higher",
            bounds=SHARE,
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("top 25%",),
        ),
    ),
)
