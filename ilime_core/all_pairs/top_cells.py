"""Largest cells of W over all pairs of a benchmark, addable over tiles."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from jaxtyping import Float, Float32, Int64
from torch import Tensor

from ilime_core.all_pairs.listed_pairs import padded_interactions
from ilime_core.all_pairs.ragged_effects import RaggedEffects

__all__ = ["TopCells", "largest_cells", "merge_top_cells"]

_SLACK = 1e-5
"""Relative rounding that the panels' float32 may have on a large cell."""


@dataclass(frozen=True, slots=True, eq=False)
class TopCells:
    """Cells of largest abs(W), largest first; equal ones in the order of their places.

    Attributes
    ----------
    value
        W, computed in float64 and rounded to float32: cells that agree then are tied.
    left, right
        Positions of the items within their sides.
    left_segment, right_segment
        Place of the cell in W of the pair.
    """

    value: Float32[np.ndarray, " cells"]
    left: Int64[np.ndarray, " cells"]
    right: Int64[np.ndarray, " cells"]
    left_segment: Int64[np.ndarray, " cells"]
    right_segment: Int64[np.ndarray, " cells"]

    def first(self, n_cells: int) -> "TopCells":
        """Return the first cells in order, at most ``n_cells``."""
        places = (self.right_segment, self.left_segment, self.right, self.left)
        order = np.lexsort((*places, -np.abs(self.value)))[:n_cells]
        return TopCells(*(getattr(self, field.name)[order] for field in fields(self)))


def merge_top_cells(parts: Sequence[TopCells], n_cells: int) -> TopCells:
    """Choose the largest cells of several tiles.

    Parameters
    ----------
    parts
        At least one, each with at least ``n_cells`` cells or all that its tile has.
    n_cells
        Cells to keep.

    Returns
    -------
    TopCells
        The same for any grouping of tiles.
    """
    columns = (np.concatenate([getattr(part, field.name) for part in parts]) for field in fields(TopCells))
    return TopCells(*columns).first(n_cells)


def largest_cells(
    left: RaggedEffects, right: RaggedEffects, largest: Float[Tensor, "left right"], n_cells: int
) -> TopCells:
    """Find the largest cells of a tile; cells of zero are none.

    Parameters
    ----------
    left, right
        Items of both sides.
    largest
        Largest abs(W) of every pair; zero where a pair does not count.
    n_cells
        Cells to keep.

    Returns
    -------
    TopCells
        Fewer where the tile has fewer.

    Notes
    -----
    The K largest cells are in the K pairs of largest maxima, with a little to spare for rounding and all
    pairs that are tied there. W of these pairs alone is formed again, in float64.
    """
    if not n_cells:
        return _no_cells()
    flat = largest.flatten()
    bound = torch.topk(flat, min(n_cells, len(flat))).values[-1] * (1 - _SLACK)
    chosen = torch.nonzero((flat > 0) & (flat >= bound))[:, 0].cpu().numpy()
    pairs = np.column_stack([chosen // right.n_items, chosen % right.n_items])
    found = [_no_cells()]
    for places, cells in padded_interactions(left, right, pairs):
        value = cells.float()
        size = value.abs().flatten()
        least = torch.topk(size, min(n_cells, len(size))).values[-1]
        kept = torch.nonzero((value.abs() >= least) & (value != 0))
        which, row, column = kept.mT.cpu().numpy()
        pair = pairs[places[which]]
        found.append(
            TopCells(
                value[kept[:, 0], kept[:, 1], kept[:, 2]].cpu().numpy(),
                left.positions[pair[:, 0]],
                right.positions[pair[:, 1]],
                row,
                column,
            ).first(n_cells)
        )
    return merge_top_cells(found, n_cells)


def _no_cells() -> TopCells:
    nowhere = np.empty(0, dtype=np.int64)
    return TopCells(np.empty(0, dtype=np.float32), nowhere, nowhere, nowhere, nowhere)
