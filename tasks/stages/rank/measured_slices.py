"""Slices of the pairs of a measurement."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from ilime_core.aggregates.slices import SliceLimits, TagSlices, named_slices
from tasks.run_files.plan import OpenRun
from tasks.stages.pair_tags import pair_slices
from tasks.stages.rank.ranked_values import RankedPair

__all__ = ["NO_SLICES", "MeasuredSlices", "measured_slices"]


@dataclass(frozen=True, slots=True, eq=False)
class MeasuredSlices:
    """Slices of measured pairs, and how large they have to be."""

    places: Mapping[str, int]
    """Number of each pair, by which ``tags`` counts."""
    tags: Sequence[TagSlices]
    limits: SliceLimits

    def of(self, pair_ids: Sequence[str]) -> Iterator[tuple[str, Bool[np.ndarray, " pairs"]]]:
        """Slices of some of the pairs; all of them come first.

        Parameters
        ----------
        pair_ids
            Pairs that have a value.

        Returns
        -------
        iterator of tuple of str and Boolean array
            Name of the slice, and which of the pairs are in it.
        """
        rows = np.array([self.places[name] for name in pair_ids] if self.tags else [], dtype=np.int64)
        return named_slices([tag.of(rows) for tag in self.tags], len(pair_ids))


NO_SLICES = MeasuredSlices({}, (), SliceLimits())


def measured_slices(run: OpenRun, pairs: Mapping[str, RankedPair]) -> MeasuredSlices:
    """Slices of the pairs of a measurement by the tags of their items.

    Parameters
    ----------
    run
        Opened plan of the run.
    pairs
        Measured pairs by id.

    Returns
    -------
    MeasuredSlices
        None where the corpus has no tags.
    """
    lefts, rights = ([getattr(pair, side) for pair in pairs.values()] for side in ("left_id", "right_id"))
    places = {name: number for number, name in enumerate(pairs)}
    return MeasuredSlices(places, pair_slices(run, lefts, rights), run.plan.parameters.summary.limits)
