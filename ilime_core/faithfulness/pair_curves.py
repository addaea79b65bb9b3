"""Curves of one pair: the model read along paths from the empty to the whole pair."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool

from ilime_core.faithfulness.controls import Direction, TracedPath, trace_paths
from ilime_core.faithfulness.curves import Scale, Target, coalition_spread, curve_values
from ilime_core.faithfulness.encoded import EncodedCoalitions
from ilime_core.faithfulness.explanation import PairExplanation
from ilime_core.faithfulness.measurement import Control, Curve, Side
from ilime_core.faithfulness.options import MetricOptions

__all__ = ["PairCurves", "Paths", "joined_paths"]

N_FIXED = 3
"""Orders of a direction and side that are no random ones."""


@dataclass(frozen=True, slots=True, eq=False)
class PairCurves:
    """Curves of one pair, one for each traced path and target."""

    groups: Mapping[tuple[Side, Target, Direction], Mapping[Control, tuple[Curve, ...]]]
    scales: Mapping[tuple[Side, Target], Scale]

    def of(
        self, side: Side, target: Target, direction: Direction
    ) -> Iterator[tuple[Control, tuple[Curve, ...]]]:
        """The curves of every control, several of the random one.

        Parameters
        ----------
        side, target, direction
            Of the curves wanted.

        Yields
        ------
        control, curves
            In the order in which they were traced; nothing where the side or direction was not.
        """
        yield from self.groups.get((side, target, direction), {}).items()

    @property
    def curves(self) -> tuple[Curve, ...]:
        """All of them."""
        return tuple(curve for group in self.groups.values() for own in group.values() for curve in own)

    @property
    def sides(self) -> tuple[Side, ...]:
        """Sides that were traced."""
        return tuple(dict.fromkeys(side for side, _, _ in self.groups))


@dataclass(frozen=True, slots=True)
class Paths:
    """Paths of explanations and controls as a reading: several metrics read the same coalitions.

    Attributes
    ----------
    options
        Steps, random orders, sides.
    directions
        Which orders are traced.
    """

    options: MetricOptions
    directions: tuple[Direction, ...]

    def masks(
        self, pair: PairExplanation
    ) -> tuple[Bool[np.ndarray, "left_masks left"], Bool[np.ndarray, "right_masks right"]]:
        """Coalitions of both items that `read` needs, with repetitions; see `encoded.merge_masks`."""
        paths = [traced.path for traced in self._trace(pair)]
        return np.concatenate([path.left for path in paths]), np.concatenate([path.right for path in paths])

    def most_encodes(self, n_segments: int, n_explanations: int) -> int:
        """Most distinct coalitions that an item with n segments needs for n explanations of its pairs.

        Parameters
        ----------
        n_segments
            n.
        n_explanations
            Each has orders of its own; the random ones belong to the item.

        Returns
        -------
        int
            The empty and the whole item are not counted.
        """
        inner = n_segments - 1
        points = min(inner, self.options.steps)
        fixed = N_FIXED * len(self.directions) * len(self.options.sides) * n_explanations * points
        return min(self.options.n_random * inner + fixed, 2**n_segments - 2)

    def read(self, pair: PairExplanation, left: EncodedCoalitions, right: EncodedCoalitions) -> PairCurves:
        """Read both targets along all paths of a pair.

        Parameters
        ----------
        pair
            Its weights order the segments.
        left, right
            Its items, with the coalitions of `masks` encoded.

        Returns
        -------
        PairCurves
            A curve for each path and target, in units of the score.

        Raises
        ------
        InputError
            If a coalition of `masks` was not encoded.
        """
        return read_curves(self._trace(pair), left, right)

    def _trace(self, pair: PairExplanation) -> tuple[TracedPath, ...]:
        return trace_paths(pair, self.directions, self.options)


def joined_paths(readings: Sequence[Paths]) -> Paths:
    """One reading of the sides and directions of all of them: each path is traced and read once.

    Parameters
    ----------
    readings
        One or more, whose options differ in nothing but their sides.

    Returns
    -------
    Paths
        Sides and directions in the order in which they first come.
    """
    first = readings[0]
    sides = tuple(dict.fromkeys(side for one in readings for side in one.options.sides))
    directions = tuple(dict.fromkeys(direction for one in readings for direction in one.directions))
    return Paths(replace(first.options, sides=sides), directions)


def read_curves(
    traced: tuple[TracedPath, ...], left: EncodedCoalitions, right: EncodedCoalitions
) -> PairCurves:
    """Read both targets along traced paths of one pair."""
    groups: dict[tuple[Side, Target, Direction], dict[Control, tuple[Curve, ...]]] = {}
    scales: dict[tuple[Side, Target], Scale] = {}
    for target in Target:
        values = curve_values([one.path for one in traced], left, right, target)
        for one, y in zip(traced, values, strict=True):
            path = one.path
            curve = Curve(one.direction, target, one.side, one.control, one.order, path.x, path.area, y)
            group = groups.setdefault((one.side, target, one.direction), {})
            group[one.control] = (*group.get(one.control, ()), curve)
        for side in dict.fromkeys(one.side for one in traced):
            scales[side, target] = _scale(
                [(one, y) for one, y in zip(traced, values, strict=True) if one.side is side]
            )
    return PairCurves(groups, scales)


def _scale(read: list[tuple[TracedPath, np.ndarray]]) -> Scale:
    """From empty to full, with the spread over random coalitions where random insertions were traced."""
    random = [
        (one.path.n_kept, y)
        for one, y in read
        if one.control is Control.RANDOM and one.direction is Direction.INSERTION
    ]
    one, y = read[0]
    first, last = float(y[0]), float(y[-1])
    ends = (first, last) if one.direction is Direction.INSERTION else (last, first)
    return Scale(*ends, coalition_spread([kept for kept, _ in random], [y for _, y in random]))
