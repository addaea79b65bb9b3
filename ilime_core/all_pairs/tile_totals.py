"""Totals of all pairs of a tile: W is formed and reduced panel by panel, within the cache."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int64
from torch import Tensor

from ilime_core.all_pairs.ragged_effects import RaggedEffects
from ilime_core.errors import InputError

__all__ = ["TileTotals", "panel_cells_of", "tile_totals"]

_CPU_CELLS, _GPU_CELLS = 2**19, 2**26
"""Cells of W at once: what a core's cache holds; what fills a GPU."""


@dataclass(frozen=True, slots=True, eq=False)
class TileTotals:
    """Totals of the pairs of a tile, and of each segment over the items of the other side.

    Attributes
    ----------
    mass, squares
        Sums of abs(W) and of W squared over all cells of a pair.
    largest
        Largest abs(W) of a pair.
    left_segment, right_segment
        Its place; of equal cells the lowest left segment, then the lowest right one.
    left_net, left_mass, right_net, right_mass
        Sums of W and abs(W) of each segment over all segments of all items of the other side, in float64.
    """

    mass: Float[Tensor, "left right"]
    squares: Float[Tensor, "left right"]
    largest: Float[Tensor, "left right"]
    left_segment: Int64[Tensor, "left right"]
    right_segment: Int64[Tensor, "left right"]
    left_net: Float[Tensor, " left_segments"]
    left_mass: Float[Tensor, " left_segments"]
    right_net: Float[Tensor, " right_segments"]
    right_mass: Float[Tensor, " right_segments"]

    @classmethod
    def zeros(cls, left: RaggedEffects, right: RaggedEffects) -> "TileTotals":
        """Return totals of no pair yet.

        Parameters
        ----------
        left, right
            Items of both sides.

        Returns
        -------
        TileTotals
            Zeros on their device.
        """
        pairs, like = (left.n_items, right.n_items), left.rows

        def whole() -> Tensor:
            return torch.zeros(pairs, dtype=torch.int64, device=like.device)

        def sums(side: RaggedEffects) -> Tensor:
            return torch.zeros(len(side.rows), dtype=torch.float64, device=like.device)

        measures = like.new_zeros(pairs), like.new_zeros(pairs), like.new_zeros(pairs)
        return cls(*measures, whole(), whole(), sums(left), sums(left), sums(right), sums(right))


@dataclass(frozen=True, slots=True)
class _Run:
    """Consecutive items of one size."""

    items: slice
    rows: slice
    size: int

    @property
    def count(self) -> int:
        return self.items.stop - self.items.start


def tile_totals(
    left: RaggedEffects,
    right: RaggedEffects,
    *,
    excluded: Bool[Tensor, "left right"] | None = None,
    panel_cells: int | None = None,
) -> TileTotals:
    """Form W of every pair of a tile, a panel of pairs at a time, and keep its totals.

    Parameters
    ----------
    left, right
        Items of both sides, each in the order of their sizes (`RaggedEffects.by_size`), on one device.
    excluded
        Pairs whose W counts as zero.
    panel_cells
        Cells of W that are formed at once, which bounds the memory; a pair of more is a panel by itself.
        None takes what suits the device.

    Returns
    -------
    TileTotals
        In the order of the items.

    Notes
    -----
    A panel holds pairs of one size: left items of n segments with right items of m, so that nothing is
    padded and every reduction is along an axis of a view. One matrix product makes the panel. Sums within a
    panel are in the type of the effects, those over panels in float64. Nothing waits for the device.
    """
    if bool((np.diff(left.sizes) < 0).any() or (np.diff(right.sizes) < 0).any()):
        raise InputError("items of a tile must be in the order of their sizes.")
    totals = TileTotals.zeros(left, right)
    limit = panel_cells_of(left.rows) if panel_cells is None else panel_cells
    tallest, widest = int(left.sizes[-1]), int(right.sizes[-1])
    columns = min(math.isqrt(2 * limit), limit // tallest)
    buffer = left.rows.new_empty(max(limit, tallest * widest))
    for theirs in _runs(right.sizes, lambda size: columns // size):
        words = right.rows[theirs.rows].view(theirs.count, theirs.size, -1).transpose(0, 1)
        words = words.reshape(theirs.size * theirs.count, -1)
        width = len(words)
        for ours in _runs(left.sizes, lambda size, width=width: limit // (size * width)):
            regions = left.rows[ours.rows]
            panel = buffer[: len(regions) * width].view(len(regions), width)
            torch.mm(regions, words.mT, out=panel)
            cells = panel.view(ours.count, ours.size, theirs.size, theirs.count)
            if excluded is not None:
                cells.masked_fill_(excluded[ours.items, theirs.items][:, None, None, :], 0.0)
            _reduce(totals, cells, ours, theirs)
    return totals


def _reduce(totals: TileTotals, cells: Float[Tensor, "l n m r"], left: _Run, right: _Run) -> None:
    """Add the interactions of some items to the totals; the cells are overwritten.

    The right items are last, so that every large reduction adds or compares rows of numbers.
    """
    n_left, n, m, n_right = cells.shape
    table = cells.view(n_left * n, m * n_right)
    totals.left_net[left.rows] += table.sum(1)
    totals.right_net[right.rows] += table.sum(0).view(m, n_right).mT.reshape(-1)
    cells.abs_()
    by_left = cells.sum(2)
    totals.left_mass[left.rows] += by_left.sum(2).view(-1)
    totals.right_mass[right.rows] += table.sum(0).view(m, n_right).mT.reshape(-1)
    pairs = left.items, right.items
    totals.mass[pairs] = by_left.sum(1)
    totals.largest[pairs], segment = cells.amax(2).max(1)
    of_segment = cells.gather(1, segment[:, None, None, :].expand(n_left, 1, m, n_right))[:, 0]
    totals.left_segment[pairs], totals.right_segment[pairs] = segment, of_segment.argmax(1)
    totals.squares[pairs] = cells.square_().view(n_left, n * m, n_right).sum(1)


def panel_cells_of(rows: Float[Tensor, "segments dim"]) -> int:
    """Cells of W to form at once on the device of the effects."""
    return _CPU_CELLS if rows.device.type == "cpu" else _GPU_CELLS


def _runs(sizes: Int64[np.ndarray, " items"], at_most: Callable[[int], int]) -> Iterator[_Run]:
    """Cut items in the order of their sizes into runs of one size, of a bounded number of items each."""
    ends = np.append(np.flatnonzero(np.diff(sizes)) + 1, len(sizes)).tolist()
    row = first = 0
    for end in ends:
        size = int(sizes[first])
        step = max(1, at_most(size))
        for start in range(first, end, step):
            stop = min(start + step, end)
            rows = row + (start - first) * size
            yield _Run(slice(start, stop), slice(rows, rows + (stop - start) * size), size)
        row, first = row + (end - first) * size, end
