"""Totals over every pair of a tile as one record; records of all tiles add up to the benchmark's."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from operator import add

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from ilime_core.all_pairs.histograms import PairHistograms, count_pairs
from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.all_pairs.relations import EXCLUDED, PairRelations
from ilime_core.all_pairs.segment_totals import SegmentTotals, merge_segment_totals
from ilime_core.all_pairs.tile_totals import TileTotals, tile_totals
from ilime_core.all_pairs.top_cells import TopCells, largest_cells, merge_top_cells
from ilime_core.errors import InputError

__all__ = ["PanelOptions", "PanelTotals", "merge_totals", "panel_totals"]


@dataclass(frozen=True, slots=True)
class PanelOptions:
    """Settings that all tiles of a benchmark share.

    Attributes
    ----------
    top_cells
        Largest cells of W to keep.
    panel_cells
        Cells of W to form at once; None takes what suits the device. It bounds the memory and moves
        numbers by rounding only.

    Raises
    ------
    InputError
        If a number is out of range.
    """

    top_cells: int = 100
    panel_cells: int | None = None

    def __post_init__(self) -> None:
        if self.top_cells < 0:
            raise InputError(f"top_cells must be at least 0, got {self.top_cells}.")
        if self.panel_cells is not None and self.panel_cells < 1:
            raise InputError(f"panel_cells must be at least 1, got {self.panel_cells}.")


@dataclass(frozen=True, slots=True, eq=False)
class PanelTotals:
    """Totals over some pairs of a benchmark.

    Attributes
    ----------
    left, right
        Of each segment of either side over the items of the other side.
    histograms
        Of the pairs.
    cells
        Largest cells.
    n_cells
        How many of them are kept.
    """

    left: SegmentTotals
    right: SegmentTotals
    histograms: PairHistograms
    cells: TopCells
    n_cells: int


def merge_totals(parts: Sequence[PanelTotals]) -> PanelTotals:
    """Add the totals of distinct tiles.

    Parameters
    ----------
    parts
        At least one, all with the same options.

    Returns
    -------
    PanelTotals
        Counts and places are the same for any grouping and order of the tiles; sums agree to rounding.

    Raises
    ------
    InputError
        If there is no part, or options differ.
    """
    shapes = {(one.n_cells, len(one.histograms.by_slice)) for one in parts}
    if len(shapes) != 1:
        raise InputError(
            f"tiles of one set of options are needed, got (top cells, slices) of {sorted(shapes)}."
        )
    n_cells = parts[0].n_cells
    return PanelTotals(
        merge_segment_totals([one.left for one in parts]),
        merge_segment_totals([one.right for one in parts]),
        reduce(add, (one.histograms for one in parts)),
        merge_top_cells([one.cells for one in parts], n_cells),
        n_cells,
    )


def panel_totals(
    left: RaggedEffects,
    right: RaggedEffects,
    relations: PairRelations,
    options: PanelOptions | None = None,
    slices: PairSlices | None = None,
) -> PanelTotals:
    """Compute the totals of all pairs of a tile.

    Parameters
    ----------
    left, right
        Items of both sides, in any order, of one width, type and device.
    relations
        Pairs that match or do not count, by position.
    options
        Settings of the benchmark; the defaults where it is None.
    slices
        Slices of all items of the benchmark, by position; none where it is None.

    Returns
    -------
    PanelTotals
        Of these pairs.

    Raises
    ------
    InputError
        If widths, types or devices differ.

    Notes
    -----
    Memory: 110 bytes for each pair of the tile, a panel of W, and the effects of both sides twice.
    """
    asked = PanelOptions() if options is None else options
    _check(left, right)
    left, right = left.by_size(), right.by_size()
    labels = relations.labels(left.positions, right.positions).to(left.rows.device)
    excluded = labels == EXCLUDED
    barred = excluded if len(relations.excluded) else None
    totals = tile_totals(left, right, excluded=barred, panel_cells=asked.panel_cells)
    return PanelTotals(
        _of_left(left, totals, excluded),
        _of_right(right, totals, excluded),
        count_pairs(totals, labels, _slices_here(slices, left, right)),
        largest_cells(left, right, totals.largest, asked.top_cells),
        asked.top_cells,
    )


def _slices_here(slices: PairSlices | None, left: RaggedEffects, right: RaggedEffects) -> PairSlices:
    """Slices of the items of a tile, in their order."""
    if slices is None:
        return PairSlices.none(left.n_items, right.n_items)
    return PairSlices(slices.names, slices.left[:, left.positions], slices.right[:, right.positions])


def _check(left: RaggedEffects, right: RaggedEffects) -> None:
    one, other = left.rows, right.rows
    if (one.shape[1], one.dtype, one.device) != (other.shape[1], other.dtype, other.device):
        raise InputError(
            f"effects of one width, type and device are needed, got {one.shape[1]} {one.dtype} on "
            f"{one.device} and {other.shape[1]} {other.dtype} on {other.device}."
        )


def _of_left(left: RaggedEffects, totals: TileTotals, excluded: Bool[Tensor, "left right"]) -> SegmentTotals:
    return SegmentTotals.of(
        left,
        totals.left_net.cpu().numpy(),
        totals.left_mass.cpu().numpy(),
        _holders(left, totals.left_segment, totals.largest),
        (~excluded).sum(dim=1).cpu().numpy(),
    )


def _of_right(
    right: RaggedEffects, totals: TileTotals, excluded: Bool[Tensor, "left right"]
) -> SegmentTotals:
    return SegmentTotals.of(
        right,
        totals.right_net.cpu().numpy(),
        totals.right_mass.cpu().numpy(),
        _holders(right, totals.right_segment.mT, totals.largest.mT),
        (~excluded).sum(dim=0).cpu().numpy(),
    )


def _holders(
    side: RaggedEffects, segment: Int64[Tensor, "items others"], largest: Float[Tensor, "items others"]
) -> Int64[np.ndarray, " segments"]:
    """Count for each segment the pairs whose largest cell it has."""
    rows = torch.as_tensor(side.starts, device=segment.device)[:, None] + segment
    counts = torch.zeros(len(side.rows), dtype=torch.int64, device=segment.device)
    return counts.scatter_add_(0, rows.flatten(), (largest > 0).long().flatten()).cpu().numpy()
