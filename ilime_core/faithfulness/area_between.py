"""The area between removing the least and removing the most important segments first."""

from functools import partial

import numpy as np

from ilime_core.aggregates.bounds import Bounds
from ilime_core.faithfulness.controls import Direction
from ilime_core.faithfulness.curves import Scale, Target
from ilime_core.faithfulness.measured_pair import MeasuredPair
from ilime_core.faithfulness.measurement import Control, Curve, FaithfulnessValue
from ilime_core.faithfulness.metric import Metric
from ilime_core.faithfulness.metrics.insertion_deletion import AXES, MIXED_DIFFERENCE, areas_of
from ilime_core.faithfulness.pair_curves import Paths
from ilime_core.faithfulness.reported import COSINE, EVERY_CONTROL, Group, Reported

__all__ = ["AID", "area_between"]


def area_between(pair: MeasuredPair) -> tuple[FaithfulnessValue, ...]:
    """AID: how far the score holds when the unimportant goes first, beyond when the important does.

    Both ends of an order are judged at once, and what the model does with broken pairs in general cancels.
    A random order has no important end: it gives 0 in expectation, with the spread that differences of two
    random orders have.

    References
    ----------
    .. [1] H. Baniecki, M. Muschalik, F. Fumagalli, B. Hammer, E. Hüllermeier, P. Biecek, "Explaining
       Similarity in Vision-Language Encoders with Weighted Banzhaf Interactions", NeurIPS 2025,
       arXiv:2508.05430.
    """
    curves = pair.curves
    found: list[FaithfulnessValue] = []
    for side in curves.sides:
        for target in Target:
            late = dict(curves.of(side, target, Direction.RETENTION))
            early = dict(curves.of(side, target, Direction.DELETION))
            scale = curves.scales[side, target]
            for axis in AXES:
                found += [_between(late[control], early[control], axis, scale) for control in late]
                found.append(_by_chance(early[Control.RANDOM], axis, scale))
    return tuple(found)


def _between(late: tuple[Curve, ...], early: tuple[Curve, ...], axis: str, scale: Scale) -> FaithfulnessValue:
    [kept], [ruined] = areas_of(late, axis), areas_of(early, axis)
    ends = scale.normalised(kept), scale.normalised(ruined)
    normalised = None if ends[0] is None or ends[1] is None else ends[0] - ends[1]
    return FaithfulnessValue(
        metric="aid",
        mode=late[0].mode,
        side=late[0].side,
        axis=axis,
        control=late[0].control,
        value=kept - ruined,
        normalised=normalised,
    )


def _by_chance(random: tuple[Curve, ...], axis: str, scale: Scale) -> FaithfulnessValue:
    areas = np.asarray(areas_of(random, axis))
    return FaithfulnessValue(
        metric="aid",
        mode=random[0].mode,
        side=random[0].side,
        axis=axis,
        control=Control.RANDOM,
        value=0.0,
        normalised=scale.normalised(scale.empty),
        spread=float(np.std(areas, ddof=1) * np.sqrt(2)),
        n_orders=len(areas),
    )


AID = Metric(
    make=area_between,
    what="area between removing the least and removing the most important segments first",
    source="https://arxiv.org/abs/2508.05430",
    title="area between curves (AID)",
    settings=("sides", "steps", "random_orders"),
    reads=partial(Paths, directions=(Direction.RETENTION, Direction.DELETION, Direction.INSERTION)),
    reports=(
        Reported(
            name="aid",
            title="AID",
            says="Area between removing the least and removing the most important segments first.",
            group=Group.CURVES,
            direction="higher",
            bounds=COSINE.of_difference,
            mode_bounds={"mixed_difference": Bounds(-8.0, 8.0)},
            controls=EVERY_CONTROL,
            chance="0: a random order has no important end.",
            modes=("score", "mixed_difference"),
            mode_names=MIXED_DIFFERENCE,
        ),
    ),
)
