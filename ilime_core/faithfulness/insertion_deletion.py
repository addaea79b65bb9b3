"""Insertion and deletion of the segments of both items, with controls."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.faithfulness.controls import Control, Direction, TracedPath, trace_paths
from ilime_core.faithfulness.curves import (
    Target,
    area_under,
    coalition_spread,
    curve_values,
    normalised_area,
)
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Curve, FaithfulnessValue, Measurement

__all__ = ["InsertionDeletion"]


@dataclass(frozen=True, slots=True)
class InsertionDeletion:
    """Follows the model along the explanation's order, and along the orders that it has to beat.

    Segments of both items enter an empty pair, or leave the full one, in one joint order; curves are read at
    evenly spaced counts. A good explanation raises the score early (large insertion area) and ruins it early
    (small deletion area). Two targets are read from the same encodes: the score alone rewards main effects.

    Attributes
    ----------
    steps
        Points of a curve; fewer where the pair has fewer elements.
    n_random
        Random orders beside each explanation; at least 2, or nothing could be normalised.
    seed
        Of the random orders, with the items' ids.

    References
    ----------
    .. [1] V. Petsiuk, A. Das, K. Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box
       Models", BMVC 2018, arXiv:1806.07421 (insertion and deletion of the pixels of one image).
    """

    steps: int = 50
    n_random: int = 20
    seed: int = 0

    def __post_init__(self) -> None:
        if self.steps < 2 or self.n_random < 2:
            raise InputError(f"steps and n_random must be at least 2, got {self.steps} and {self.n_random}.")

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of both items that `measure` will read, with repetitions; see `encoded.merge_masks`."""
        paths = [traced.path for traced in self._trace(pair)]
        return np.concatenate([path.left for path in paths]), np.concatenate([path.right for path in paths])

    def most_encodes(self, n_segments: int, n_pairs: int) -> int:
        """Most distinct coalitions that an item can need when it stands in so many pairs."""
        inner = n_segments - 1
        return min(self.n_random * inner + 6 * n_pairs * min(inner, self.steps), 2**n_segments - 2)

    def measure(
        self, pair: PairExplanation, left: EncodedCoalitions, right: EncodedCoalitions
    ) -> Measurement:
        """Read both targets along all paths of a pair.

        Raises
        ------
        InputError
            If a coalition of `masks` was not encoded.
        """
        traced = self._trace(pair)
        values: list[FaithfulnessValue] = []
        curves: list[Curve] = []
        for target in Target:
            found = curve_values([one.path for one in traced], left, right, target)
            drawn = [
                Curve(one.direction, target, "count", one.control, one.order, one.path.x, y)
                for one, y in zip(traced, found, strict=True)
            ]
            curves += drawn
            values += _summarise(drawn, _spread(traced, drawn))
        return Measurement(tuple(values), tuple(curves))

    def _trace(self, pair: PairExplanation) -> tuple[TracedPath, ...]:
        return trace_paths(pair, steps=self.steps, n_random=self.n_random, seed=self.seed)


def _spread(traced: Sequence[TracedPath], curves: Sequence[Curve]) -> float | None:
    random = [
        (one.path.n_kept, curve.y)
        for one, curve in zip(traced, curves, strict=True)
        if one.control is Control.RANDOM and one.direction is Direction.INSERTION
    ]
    return coalition_spread([kept for kept, _ in random], [y for _, y in random])


def _summarise(curves: Sequence[Curve], spread: float | None) -> list[FaithfulnessValue]:
    groups: dict[tuple[str, str], list[Curve]] = {}
    for curve in curves:
        groups.setdefault((curve.metric, curve.control), []).append(curve)
    return [_value(group, spread) for group in groups.values()]


def _value(group: Sequence[Curve], spread: float | None) -> FaithfulnessValue:
    first = group[0]
    start, end = float(first.y[0]), float(first.y[-1])
    inserting = first.metric == Direction.INSERTION
    at_empty, at_full = (start, end) if inserting else (end, start)
    areas = [area_under(curve.x, curve.y) for curve in group]
    return FaithfulnessValue(
        metric=first.metric,
        mode=first.mode,
        axis=first.axis,
        control=first.control,
        value=float(np.mean(areas)),
        normalised=normalised_area(float(np.mean(areas)), at_empty, at_full, spread),
        spread=float(np.std(areas, ddof=1)) if len(areas) > 1 else None,
        n_orders=len(areas),
        direction="higher" if inserting else "lower",
    )
