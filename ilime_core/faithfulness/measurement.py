"""What a faithfulness metric says of a pair: rows of the tables ``faithfulness`` and ``curves``."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["Curve", "FaithfulnessValue", "Measurement"]


@dataclass(frozen=True, slots=True, eq=False)
class Curve:
    """One curve; ``order`` counts the random orders and is 0 for all others."""

    metric: str
    mode: str
    """Target that is read."""
    axis: str
    control: str
    order: int
    x: Float[np.ndarray, " points"]
    y: Float[np.ndarray, " points"]


@dataclass(frozen=True, slots=True)
class FaithfulnessValue:
    """One number; of the random control the mean over its orders."""

    metric: str
    mode: str
    axis: str
    control: str
    value: float
    normalised: float | None
    """On a scale where the empty pair is 0 and the full pair 1; None where the two hardly differ."""
    spread: float | None
    """Standard deviation over random orders; None for a single order."""
    n_orders: int
    direction: str
    """``higher`` or ``lower`` is better."""


@dataclass(frozen=True, slots=True, eq=False)
class Measurement:
    """All that one metric says of one pair."""

    values: tuple[FaithfulnessValue, ...]
    curves: tuple[Curve, ...]
