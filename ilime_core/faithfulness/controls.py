"""The paths of an explanation and of what it has to beat."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Int64

from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.orders import (
    deletion_order,
    insertion_order,
    interaction_deletion_order,
    interaction_insertion_order,
    main_effects_order,
    order_times,
    random_orders,
)
from ilime_core.faithfulness.paths import Path, deletion_path, insertion_path

__all__ = ["Control", "Direction", "TracedPath", "trace_paths"]


class Direction(StrEnum):
    """Whether segments come or go."""

    INSERTION = "insertion"
    DELETION = "deletion"


class Control(StrEnum):
    """Whose order it is."""

    EXPLANATION = "explanation"
    """The full surrogate's."""
    INTERACTIONS = "interactions"
    """That of W alone."""
    MAIN_EFFECTS = "main_effects"
    """The linear surrogate's."""
    RANDOM = "random"


@dataclass(frozen=True, slots=True, eq=False)
class TracedPath:
    """One order of one control, traced in one direction."""

    direction: Direction
    control: Control
    order: int
    """Number of the random order, else 0."""
    path: Path


def trace_paths(pair: PairExplanation, *, steps: int, n_random: int, seed: int) -> tuple[TracedPath, ...]:
    """Trace the explanation's orders and the controls' orders in both directions.

    A random deletion removes in the reverse of the order in which the random insertion of the same number
    adds. Reversed, a uniform order is uniform, and both read the same coalitions: the two directions then
    have the same random area, as they have in expectation anyhow, for half of the encodes.
    """
    n_left = pair.interactions.shape[0]
    return tuple(
        TracedPath(
            direction,
            control,
            number,
            (insertion_path if direction is Direction.INSERTION else deletion_path)(order, n_left, steps),
        )
        for direction, control, number, order in _orders(pair, n_random, seed)
    )


def _orders(
    pair: PairExplanation, n_random: int, seed: int
) -> Iterator[tuple[Direction, Control, int, Int64[np.ndarray, " elements"]]]:
    into, out = Direction.INSERTION, Direction.DELETION
    weights, left, right = pair.interactions, pair.left_raw, pair.right_raw
    main = main_effects_order(pair.left_main, pair.right_main)
    yield into, Control.EXPLANATION, 0, insertion_order(weights, left, right)
    yield out, Control.EXPLANATION, 0, deletion_order(weights, left, right)
    yield into, Control.INTERACTIONS, 0, interaction_insertion_order(weights)
    yield out, Control.INTERACTIONS, 0, interaction_deletion_order(weights)
    yield into, Control.MAIN_EFFECTS, 0, main
    yield out, Control.MAIN_EFFECTS, 0, main
    left_times = order_times(seed, pair.left_id, len(left), n_random)
    right_times = order_times(seed, pair.right_id, len(right), n_random)
    for number, order in enumerate(random_orders(left_times, right_times)):
        yield into, Control.RANDOM, number, order
        yield out, Control.RANDOM, number, order[::-1]
