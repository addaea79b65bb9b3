"""The paths of an explanation and of what it has to beat."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Control, Side
from ilime_core.faithfulness.options import MetricOptions
from ilime_core.faithfulness.orders import (
    deletion_order,
    insertion_order,
    interaction_deletion_order,
    interaction_insertion_order,
    interaction_retention_order,
    main_effects_order,
    order_times,
    random_orders,
    retention_order,
)
from ilime_core.faithfulness.paths import Elements, Path, deletion_path, insertion_path

__all__ = ["Direction", "TracedPath", "one_sided_orders", "trace_paths"]

Order = Int64[np.ndarray, " elements"]


class Direction(StrEnum):
    """Whether segments come or go, and which first."""

    INSERTION = "insertion"
    """Most important first."""
    DELETION = "deletion"
    """Most important first."""
    RETENTION = "retention"
    """Deletion of the least important first."""


@dataclass(frozen=True, slots=True, eq=False)
class TracedPath:
    """One order of one control, traced in one direction."""

    side: Side
    direction: Direction
    control: Control
    order: int
    """Number of the random order, else 0."""
    path: Path


def trace_paths(
    pair: PairExplanation, directions: tuple[Direction, ...], options: MetricOptions
) -> tuple[TracedPath, ...]:
    """Trace the explanation's orders and the controls' orders on every side of the options.

    A random deletion removes in the reverse of the order in which the random insertion of the same number
    adds. Reversed, a uniform order is uniform, and both read the same coalitions: the two directions then
    have the same random area, as they have in expectation anyhow, for half of the encodes. Random orders have
    no important end, so there is no random retention.

    Parameters
    ----------
    pair
        Its weights and areas order the segments.
    directions
        Each gives paths of its own.
    options
        ``sides``, ``steps``, ``n_random`` and ``seed`` are read.

    Returns
    -------
    tuple of TracedPath
        By side, then direction; of each the explanation's path, those of W alone and of the main effects, and
        the random ones by number.

    Raises
    ------
    InputError
        If there are fewer than two steps.
    """
    return tuple(
        TracedPath(side, direction, control, number, make(order, elements, options.steps))
        for side in options.sides
        for elements in (Elements.of(pair, side),)
        for direction in directions
        for make in (insertion_path if direction is Direction.INSERTION else deletion_path,)
        for control, number, order in _orders(pair, side, direction, options)
    )


def _orders(
    pair: PairExplanation, side: Side, direction: Direction, options: MetricOptions
) -> Iterator[tuple[Control, int, Order]]:
    own = _joint_orders(pair, direction) if side is Side.BOTH else one_sided_orders(pair, side, direction)
    for control, order in own:
        yield control, 0, order
    if direction is Direction.RETENTION:
        return
    for number, order in enumerate(_random_orders(pair, side, options)):
        yield Control.RANDOM, number, order if direction is Direction.INSERTION else order[::-1]


def _joint_orders(pair: PairExplanation, direction: Direction) -> Iterator[tuple[Control, Order]]:
    weights, left, right = pair.interactions, pair.left_raw, pair.right_raw
    full, alone = _GREEDY[direction]
    yield Control.EXPLANATION, full(weights, left, right)
    yield Control.INTERACTIONS, alone(weights)
    sign = -1.0 if direction is Direction.RETENTION else 1.0
    yield Control.MAIN_EFFECTS, main_effects_order(sign * pair.left_main, sign * pair.right_main)


_GREEDY: dict[Direction, tuple[Callable[..., Order], Callable[..., Order]]] = {
    Direction.INSERTION: (insertion_order, interaction_insertion_order),
    Direction.DELETION: (deletion_order, interaction_deletion_order),
    Direction.RETENTION: (retention_order, interaction_retention_order),
}


def one_sided_orders(
    pair: PairExplanation, side: Side, direction: Direction
) -> Iterator[tuple[Control, Order]]:
    """Orders of one item's segments, the other item whole, by everybody but chance.

    Every surrogate is then additive, so that greedy orders are sorted ones; equal segments go by their index.

    Parameters
    ----------
    pair
        Its weights order the segments.
    side
        LEFT or RIGHT: the item whose segments are ordered.
    direction
        RETENTION sorts by rising weight, the others by falling weight.

    Yields
    ------
    control, order
        Segments of the item, first inserted or deleted first; three orders.
    """
    left = side is Side.LEFT
    values = {
        Control.EXPLANATION: pair.left_whole if left else pair.right_whole,
        Control.INTERACTIONS: pair.interactions.sum(axis=1 if left else 0),
        Control.MAIN_EFFECTS: pair.left_main if left else pair.right_main,
    }
    for control, value in values.items():
        yield control, _falling(-value if direction is Direction.RETENTION else value)


def _falling(values: Float[np.ndarray, " segments"]) -> Order:
    return np.argsort(-values, kind="stable").astype(np.int64)


def _random_orders(
    pair: PairExplanation, side: Side, options: MetricOptions
) -> Int64[np.ndarray, "orders elements"]:
    left, right = (
        order_times(options.seed, name, n_segments, options.n_random)
        for name, n_segments in ((pair.left_id, len(pair.left_raw)), (pair.right_id, len(pair.right_raw)))
    )
    if side is Side.LEFT:
        right = right[:, :0]
    elif side is Side.RIGHT:
        left = left[:, :0]
    return random_orders(left, right)
