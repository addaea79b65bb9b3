"""Insertion and deletion of segments, with controls."""

import numpy as np

from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Scale, Target, area_under
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import PairCurves, PathMetric

__all__ = ["AXES", "areas_of", "insertion_deletion"]

AXES = ("count", "area")
"""What a curve is integrated over: segments, or the area that they take."""

_DIRECTIONS = (Direction.INSERTION, Direction.DELETION)


def insertion_deletion(options: MetricOptions) -> PathMetric:
    """Follow the model along the explanation's order, and along the orders that it has to beat.

    Segments enter an empty pair, or leave the full one, in one joint order or one item's alone; curves are
    read at evenly spaced counts. A good explanation raises the score early (large insertion area) and ruins
    it early (small deletion area). Two targets are read from the same encodes: the score alone rewards main
    effects.

    References
    ----------
    .. [1] V. Petsiuk, A. Das, K. Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box
       Models", BMVC 2018, arXiv:1806.07421 (insertion and deletion of the pixels of one image).
    """
    return PathMetric(options, _DIRECTIONS, _judge, keeps_curves=True)


def _judge(curves: PairCurves) -> tuple[FaithfulnessValue, ...]:
    return tuple(
        _value(own, axis, curves.scales[side, target], direction)
        for side in curves.sides
        for target in Target
        for direction in _DIRECTIONS
        for axis in AXES
        for _, own in curves.of(side, target, direction)
    )


def areas_of(curves: tuple[Curve, ...], axis: str) -> list[float]:
    """Area under each curve over one axis."""
    return [area_under(curve.x if axis == "count" else curve.area, curve.y) for curve in curves]


def _value(curves: tuple[Curve, ...], axis: str, scale: Scale, direction: Direction) -> FaithfulnessValue:
    areas, first = areas_of(curves, axis), curves[0]
    return FaithfulnessValue(
        metric=first.metric,
        mode=first.mode,
        side=first.side,
        axis=axis,
        control=first.control,
        value=float(np.mean(areas)),
        normalised=scale.normalised(float(np.mean(areas))),
        spread=float(np.std(areas, ddof=1)) if first.control is Control.RANDOM else None,
        n_orders=len(areas),
        direction="higher" if direction is Direction.INSERTION else "lower",
    )
