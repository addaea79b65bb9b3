"""Effects of many items of one side, concatenated: items may have any number of segments."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int64
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["RaggedEffects", "item_blocks"]


@dataclass(frozen=True, slots=True, eq=False)
class RaggedEffects:
    """Effects of some items of one side of a benchmark, one row a segment.

    Attributes
    ----------
    rows
        Effects of all segments, item after item, on a CPU or a CUDA device. Interactions have their type:
        float32, or float64 where exactness matters more than time.
    sizes
        Number of segments of each item.
    positions
        Position of each item within its side of the whole benchmark.

    Raises
    ------
    InputError
        If counts do not agree, there is no item, an item has no segment, a position repeats or an effect is
        not finite.
    """

    rows: Float[Tensor, "segments dim"]
    sizes: Int64[np.ndarray, " items"]
    positions: Int64[np.ndarray, " positions"]

    def __post_init__(self) -> None:
        n_items = len(self.sizes)
        if not n_items or int(self.sizes.min()) < 1:
            raise InputError("at least one item is needed, and each needs at least one segment.")
        if int(self.sizes.sum()) != len(self.rows):
            raise InputError(f"got {len(self.rows)} rows for {int(self.sizes.sum())} segments.")
        if len(self.positions) != n_items:
            raise InputError(f"every item needs one position: got {len(self.positions)} for {n_items} items.")
        if len(np.unique(self.positions)) != n_items:
            raise InputError("positions must be unique within a side.")
        if not bool(torch.isfinite(self.rows).all()):
            raise InputError("effects must be finite; leave failed items out.")

    @classmethod
    def of(cls, items: Sequence[Float[Tensor, "_ dim"]], *, first_position: int = 0) -> "RaggedEffects":
        """Concatenate effects of items that follow each other in the benchmark.

        Parameters
        ----------
        items
            Effects of each item, segments x dim.
        first_position
            Position of the first item.

        Returns
        -------
        RaggedEffects
            On the device and of the type of the items.
        """
        if not items:
            raise InputError("at least one item is needed, got none.")
        sizes = np.array([len(item) for item in items], dtype=np.int64)
        positions = np.arange(first_position, first_position + len(items), dtype=np.int64)
        return cls(torch.cat(list(items)), sizes, positions)

    @property
    def n_items(self) -> int:
        """Number of items."""
        return len(self.sizes)

    @property
    def starts(self) -> Int64[np.ndarray, " items"]:
        """First row of each item."""
        return np.cumsum(self.sizes) - self.sizes

    @property
    def segments(self) -> Int64[np.ndarray, " segments"]:
        """Number of each row within its item, from 0."""
        return np.arange(len(self.rows), dtype=np.int64) - np.repeat(self.starts, self.sizes)

    def take(self, items: Int64[np.ndarray, " chosen"]) -> "RaggedEffects":
        """Return some items, in the order given."""
        sizes = self.sizes[items]
        ends = np.cumsum(sizes)
        rows = np.arange(int(ends[-1]) if len(ends) else 0) + np.repeat(
            self.starts[items] - (ends - sizes), sizes
        )
        chosen = self.rows[torch.as_tensor(rows, device=self.rows.device)]
        return RaggedEffects(chosen, sizes, self.positions[items])

    def by_size(self) -> "RaggedEffects":
        """Return the items in the order of their number of segments."""
        return self.take(np.argsort(self.sizes, kind="stable"))

    def sums(self) -> Float[Tensor, "items dim"]:
        """Sum of the effects of each item, added in float64.

        The inner product of the sums of two items is their joint effect, the sum of all cells of W.
        """
        owner = torch.as_tensor(np.repeat(np.arange(self.n_items), self.sizes), device=self.rows.device)
        sums = torch.zeros(self.n_items, self.rows.shape[1], dtype=torch.float64, device=self.rows.device)
        return sums.index_add_(0, owner, self.rows.double()).to(self.rows.dtype)


def item_blocks(sizes: Int64[np.ndarray, " items"], n_segments: int) -> Iterator[tuple[int, int]]:
    """Cut consecutive items into blocks of a bounded number of segments.

    Parameters
    ----------
    sizes
        Number of segments of each item.
    n_segments
        Segments of a block at most; an item of more is a block by itself.

    Yields
    ------
    tuple
        First item of a block, and one past its last.
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start] - sizes[start])
        stop = max(start + 1, int(np.searchsorted(ends, before + n_segments, side="right")))
        yield start, stop
        start = stop
