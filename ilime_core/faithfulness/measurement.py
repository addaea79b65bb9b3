"""Values and curves of metrics: rows of the tables ``faithfulness`` and ``curves``."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float

__all__ = ["Control", "Curve", "FaithfulnessValue", "Measurement", "Side"]


class Side(StrEnum):
    """Whose segments come and go."""

    BOTH = "both"
    """Those of both items, in one joint order."""
    LEFT = "left"
    """Those of the left item alone; the right one stays whole."""
    RIGHT = "right"
    """Those of the right item alone; the left one stays whole."""


class Control(StrEnum):
    """Whose opinion a value is of."""

    EXPLANATION = "explanation"
    """The full surrogate's."""
    INTERACTIONS = "interactions"
    """That of W alone."""
    MAIN_EFFECTS = "main_effects"
    """The linear surrogate's."""
    RANDOM = "random"
    """Nobody's: what chance would give."""


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve; ``order`` counts the random orders and is 0 for all others."""

    metric: str
    mode: str
    """Target that is read."""
    side: Side
    control: Control
    order: int
    x: Float[np.ndarray, " points"]
    """Share of the segments that have come or gone, from 0 to 1."""
    area: Float[np.ndarray, " points"]
    """The same as a share of area; a text's words count alike."""
    y: Float[np.ndarray, " points"]


@dataclass(frozen=True, slots=True)
class FaithfulnessValue:
    """One number; of the random control the mean over its orders.

    Attributes
    ----------
    metric, mode, side, axis, control
        What was measured: ``mode`` is the metric's own variant (a target, a probability, a share), ``axis``
        what a curve was integrated over.
    value
        None where the metric does not apply to the pair.
    normalised
        On a scale where the empty pair is 0 and the full pair 1; None where the two hardly differ.
    spread
        Standard deviation over random orders or draws; None for a single one.
    n_orders
        Orders or draws behind the value.
    """

    metric: str
    mode: str
    control: Control
    value: float | None
    side: Side = Side.BOTH
    axis: str = "none"
    normalised: float | None = None
    spread: float | None = None
    n_orders: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """All that one metric says of one pair."""

    values: tuple[FaithfulnessValue, ...]
    curves: tuple[Curve, ...] = ()
