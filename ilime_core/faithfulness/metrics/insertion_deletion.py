"""Insertion and deletion of segments, with controls."""

from functools import partial

import numpy as np

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Scale, Target, area_under
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.pair_curves import Paths
from ilime_core.faithfulness.reported import COSINE, EVERY_CONTROL, Group, Reported

__all__ = [
    "AXES",
    "INSERTION_DELETION",
    "MIXED_DIFFERENCE",
    "RANDOM_ORDERS",
    "areas_of",
    "insertion_deletion",
]

AXES = ("count", "area")
"""What a curve is integrated over: segments, or the area that they take."""

_DIRECTIONS = (Direction.INSERTION, Direction.DELETION)

MIXED_DIFFERENCE = {"mixed_difference": "joint effect"}
"""Name of the second target on pages."""

RANDOM_ORDERS = "Random orders, measured beside it."


def insertion_deletion(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
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
    curves = pair.curves
    return tuple(
        _value(own, axis, curves.scales[side, target])
        for side in curves.sides
        for target in Target
        for direction in _DIRECTIONS
        for axis in AXES
        for _, own in curves.of(side, target, direction)
    )


def areas_of(curves: tuple[Curve, ...], axis: str) -> list[float]:
    """Area under each curve over one axis.

    Parameters
    ----------
    curves
        Of one control, the random one's several.
    axis
        ``count`` integrates over the share of segments, ``area`` over the share of area.

    Returns
    -------
    list of float
        In the order of the curves and the unit of their target.
    """
    return [area_under(curve.x if axis == "count" else curve.area, curve.y) for curve in curves]


def _value(curves: tuple[Curve, ...], axis: str, scale: Scale) -> FaithfulnessValue:
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
    )


# Embeddings have length one: a score lies in [-1, 1], what g(S) - g(0) and h(T) - h(0) give in [-4, 4].
_MIXED_BOUNDS = {"mixed_difference": Bounds(-4.0, 4.0)}

INSERTION_DELETION = Metric(
    make=insertion_deletion,
    what="areas under the score as segments come or go in the explanation's order",
    source="https://arxiv.org/abs/1806.07421",
    title="insertion and deletion",
    settings=("sides", "steps", "random_orders"),
    reads=partial(Paths, directions=_DIRECTIONS),
    keeps_curves=True,
    reports=(
        Reported(
            name="insertion",
            title="insertion",
            says="Area under the score while segments enter an empty pair in the explanation's order, best "
            "first.",
            group=Group.CURVES,
            direction="higher",
            bounds=COSINE,
            mode_bounds=_MIXED_BOUNDS,
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("score", "mixed_difference"),
            mode_names=MIXED_DIFFERENCE,
        ),
        Reported(
            name="deletion",
            title="deletion",
            says="Area under the score while segments leave the whole pair in the explanation's order, best "
            "first.",
            group=Group.CURVES,
            direction="lower",
            bounds=COSINE,
            mode_bounds=_MIXED_BOUNDS,
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("score", "mixed_difference"),
            mode_names=MIXED_DIFFERENCE,
        ),
    ),
)
