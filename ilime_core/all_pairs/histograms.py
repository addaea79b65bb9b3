"""Histograms of what single pairs amount to, by slice and relation, addable over tiles."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64, UInt8
from torch import Tensor

from ilime_core.all_pairs.pair_slices import PairSlices
from ilime_core.all_pairs.relations import EXCLUDED
from ilime_core.all_pairs.tile_totals import TileTotals

__all__ = ["EDGES", "MEASURES", "PairHistograms", "count_pairs"]

MEASURES = ("norm", "largest", "share")
"""Frobenius norm of W, its largest abs(W), and the share of that cell in the sum of abs(W)."""

_PER_DECADE, _LOWEST, _HIGHEST = 20, -6, 2

EDGES: Float64[np.ndarray, " edges"] = 10.0 ** (
    np.arange(_LOWEST * _PER_DECADE, _HIGHEST * _PER_DECADE + 1) / _PER_DECADE
)
"""Inner edges of the bins, equal steps of the logarithm from 1e-6 to 100: bin b holds EDGES[b - 1] <= x <
EDGES[b]. The first bin holds all that is smaller, the last all that is larger."""


@dataclass(frozen=True, slots=True, eq=False)
class PairHistograms:
    """Numbers of pairs by relation (`OTHER`, `POSITIVE`), measure (`MEASURES`) and bin (`EDGES`).

    Attributes
    ----------
    total
        Of all pairs that count.
    by_slice
        Of those of each slice of `PairSlices`.
    """

    total: Int64[np.ndarray, "relations measures bins"]
    by_slice: Int64[np.ndarray, "slices relations measures bins"]

    def __add__(self, other: "PairHistograms") -> "PairHistograms":
        """Counts of the pairs of both."""
        return PairHistograms(self.total + other.total, self.by_slice + other.by_slice)

    @property
    def n_pairs(self) -> int:
        """Number of pairs that count."""
        return int(self.total[:, 0].sum())


def count_pairs(
    totals: TileTotals, labels: UInt8[Tensor, "left right"], slices: PairSlices
) -> PairHistograms:
    """Count the pairs of a tile.

    Parameters
    ----------
    totals
        Measures of the pairs. A pair without any effect has share 0.
    labels
        Relation of each pair; excluded ones are not counted.
    slices
        Slices of the tile's items, in their order.

    Returns
    -------
    PairHistograms
        On the CPU.
    """
    device = totals.mass.device
    counted = labels != EXCLUDED
    relation = labels.long() * counted
    mass = torch.where(totals.mass > 0, totals.mass, 1.0)
    edges = torch.as_tensor(EDGES, device=device)
    values = (totals.squares.sqrt(), totals.largest, totals.largest / mass)
    bins = [torch.bucketize(one.double(), edges, right=True) for one in values]
    shape = (len(slices.names) + 1, 2, len(MEASURES), len(EDGES) + 1)
    found = torch.zeros(shape, dtype=torch.int64, device=device)  # first of all pairs, then of each slice
    for group, inside in _groups(slices, counted):
        for place, one in enumerate(bins):
            found[:, :, place] += _counts(group * 2 + relation, one, inside, 2 * shape[0]).view(
                shape[0], 2, -1
            )
    counts = found.cpu().numpy()
    return PairHistograms(counts[0], counts[1:])


def _groups(
    slices: PairSlices, counted: Bool[Tensor, "left right"]
) -> Iterator[tuple[Int64[Tensor, "left right"], Bool[Tensor, "left right"]]]:
    """Group of each pair, and whether it counts there; a pair counts once in each of its groups."""
    yield torch.zeros_like(counted, dtype=torch.int64), counted
    for left, right in zip(slices.left, slices.right, strict=True):
        own = torch.as_tensor(left, device=counted.device)[:, None].expand(counted.shape)
        other = torch.as_tensor(right, device=counted.device)[None, :].expand(counted.shape)
        yield own + 1, counted & (own >= 0)
        yield other + 1, counted & (other >= 0) & (other != own)


def _counts(
    groups: Int64[Tensor, "left right"],
    bins: Int64[Tensor, "left right"],
    counted: Bool[Tensor, "left right"],
    n_groups: int,
) -> Int64[Tensor, "groups bins"]:
    width = len(EDGES) + 1
    found = torch.zeros(n_groups * width, dtype=torch.int64, device=bins.device)
    return found.scatter_add_(0, (groups * width + bins).flatten(), counted.flatten().long()).view(
        n_groups, width
    )
