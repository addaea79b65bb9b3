"""Totals of each segment over all items of the other side, addable over tiles."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int64

from ilime_core.all_pairs.ragged_effects import RaggedEffects

__all__ = ["SegmentTotals", "merge_segment_totals"]


@dataclass(frozen=True, slots=True, eq=False)
class SegmentTotals:
    """One row a segment of one side, by position of its item and number of the segment.

    Attributes
    ----------
    position, segment
        Key of a row; rows are in its order.
    net, mass
        Sums of W and abs(W) over all segments of all candidates, the items of the other side.
    n_largest
        Candidates with which the segment has the largest abs(W) of the pair. Where all of W is zero no
        segment has.
    n_candidates
        Candidates that count.
    """

    position: Int64[np.ndarray, " segments"]
    segment: Int64[np.ndarray, " segments"]
    net: Float64[np.ndarray, " segments"]
    mass: Float64[np.ndarray, " segments"]
    n_largest: Int64[np.ndarray, " segments"]
    n_candidates: Int64[np.ndarray, " segments"]

    @classmethod
    def of(
        cls,
        side: RaggedEffects,
        net: Float64[np.ndarray, " segments"],
        mass: Float64[np.ndarray, " segments"],
        n_largest: Int64[np.ndarray, " segments"],
        n_candidates: Int64[np.ndarray, " items"],
    ) -> "SegmentTotals":
        """Attach the keys of the segments of some items.

        Parameters
        ----------
        side
            The items, in any order.
        net, mass, n_largest
            Of each of their segments.
        n_candidates
            Of each item.

        Returns
        -------
        SegmentTotals
            In the order of the keys.
        """
        repeated = (np.repeat(values, side.sizes) for values in (side.positions, n_candidates))
        position, candidates = repeated
        return merge_segment_totals([cls(position, side.segments, net, mass, n_largest, candidates)])

    @property
    def mean_net(self) -> Float64[np.ndarray, " segments"]:
        """Mean of the net effect over candidates; NaN without any."""
        return _ratio(self.net, self.n_candidates)

    @property
    def mean_mass(self) -> Float64[np.ndarray, " segments"]:
        """Mean of the mass over candidates; NaN without any."""
        return _ratio(self.mass, self.n_candidates)

    @property
    def largest_share(self) -> Float64[np.ndarray, " segments"]:
        """Share of candidates with which the segment has the largest cell; NaN without any."""
        return _ratio(self.n_largest.astype(np.float64), self.n_candidates)


def merge_segment_totals(parts: Sequence[SegmentTotals]) -> SegmentTotals:
    """Add totals of several tiles, each of which holds some segments.

    Parameters
    ----------
    parts
        At least one.

    Returns
    -------
    SegmentTotals
        One row for every segment of any part.
    """
    position, segment = (np.concatenate([getattr(part, name) for part in parts]) for name in _KEY)
    order = np.lexsort((segment, position))
    position, segment = position[order], segment[order]
    first = np.ones(len(order), dtype=bool)
    first[1:] = (np.diff(position) != 0) | (np.diff(segment) != 0)
    starts = np.flatnonzero(first)

    def added(name: str) -> np.ndarray:
        values = np.concatenate([getattr(part, name) for part in parts])[order]
        return np.add.reduceat(values, starts) if len(starts) else values

    return SegmentTotals(
        position[first],
        segment[first],
        added("net"),
        added("mass"),
        added("n_largest"),
        added("n_candidates"),
    )


_KEY = ("position", "segment")


def _ratio(
    values: Float64[np.ndarray, " segments"], counts: Int64[np.ndarray, " segments"]
) -> Float64[np.ndarray, " segments"]:
    return values / np.where(counts, counts, np.nan)
