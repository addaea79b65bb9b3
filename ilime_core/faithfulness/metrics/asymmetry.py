"""Asymmetry: difference between what an explanation does for either side of a pair."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from ilime_core.aggregates.bounds import Bounds
from ilime_core.errors import InputError
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Target
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, FaithfulnessValue, Side
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.metrics.insertion_deletion import RANDOM_ORDERS, areas_of
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.pair_curves import Paths
from ilime_core.faithfulness.reported import EVERY_CONTROL, SIZE, Group, Reported

__all__ = ["ASYMMETRY", "asymmetry"]

_SIDES = (Side.LEFT, Side.RIGHT)


def asymmetry(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """Distance of two insertion areas: left given the whole right item, and right given the whole left one.

    Mode ``score`` takes each area on its own scale, from the empty side, 0, to the whole pair, 1: a side of
    less matter to the model does not count as one that is explained worse. It is unknown where one of the two
    does not stand out from random coalitions, which captions often do not. Mode ``cosine`` takes both in
    units of the score: always known, but a side that matters less moves less. The other sides of the options
    are not traced.

    References
    ----------
    .. [1] B. Joukovsky, F. Sammani, N. Deligiannis, "Model-agnostic visual explanations via approximate
       bilinear models", ICIP 2023, doi:10.1109/ICIP49359.2023.10222440 (linear surrogates give asymmetric
       explanations; this measure of it is ours).
    """
    curves = pair.curves
    sides = {side: dict(curves.of(side, Target.SCORE, Direction.INSERTION)) for side in _SIDES}
    found: list[FaithfulnessValue] = []
    for control in Control:
        areas = {side: areas_of(own[control], "count") for side, own in sides.items()}
        scaled = {
            side: [curves.scales[side, Target.SCORE].normalised(area) for area in own]
            for side, own in areas.items()
        }
        found += [_apart("score", control, scaled), _apart("cosine", control, areas)]
    return tuple(found)


def _apart(mode: str, control: Control, areas: Mapping[Side, Sequence[float | None]]) -> FaithfulnessValue:
    both = zip(areas[Side.LEFT], areas[Side.RIGHT], strict=True)
    apart = [abs(left - right) for left, right in both if left is not None and right is not None]
    return FaithfulnessValue(
        metric="asymmetry",
        mode=mode,
        axis="count",
        control=control,
        value=float(np.mean(apart)) if apart else None,
        spread=float(np.std(apart, ddof=1)) if len(apart) > 1 else None,
        n_orders=len(areas[Side.LEFT]),
    )


def _one_sided(options: MetricOptions) -> Paths:
    missing = set(_SIDES) - set(options.sides)
    if missing:
        raise InputError(f"asymmetry compares the sides left and right, and {min(missing)} is not measured.")
    return Paths(replace(options, sides=_SIDES), (Direction.INSERTION,))


ASYMMETRY = Metric(
    make=asymmetry,
    what="distance of the areas of explaining left given right and right given left",
    source="https://doi.org/10.1109/ICIP49359.2023.10222440",
    title="asymmetry",
    settings=("steps", "random_orders"),
    reads=_one_sided,
    sides=_SIDES,
    reports=(
        Reported(
            name="asymmetry",
            title="asymmetry",
            says="Distance of two insertion areas: that of the {left} with the {right} whole, and that of "
            "the {right} with the {left} whole. On own scales each runs from the empty side, 0, to the whole "
            "pair, 1, and sides that do not stand out have none; in units of the score it is always known.",
            group=Group.CURVES,
            direction="lower",
            bounds=SIZE,
            mode_bounds={"cosine": Bounds(0.0, 2.0)},
            controls=EVERY_CONTROL,
            chance=RANDOM_ORDERS,
            modes=("score", "cosine"),
            mode_names={"cosine": "units of the score"},
        ),
    ),
)
