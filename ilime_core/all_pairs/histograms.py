"""Histograms of what single pairs amount to, by relation and by slice of either item, addable over tiles."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float64, Int64, UInt8
from torch import Tensor

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
    """Numbers of pairs by slice, relation (`OTHER`, `POSITIVE`), measure (`MEASURES`) and bin (`EDGES`).

    Attributes
    ----------
    by_left, by_right
        By the slice of the left and of the right item; both hold all pairs that count.
    """

    by_left: Int64[np.ndarray, "left_slices relations measures bins"]
    by_right: Int64[np.ndarray, "right_slices relations measures bins"]

    def __add__(self, other: "PairHistograms") -> "PairHistograms":
        """Counts of the pairs of both."""
        return PairHistograms(self.by_left + other.by_left, self.by_right + other.by_right)

    @property
    def total(self) -> Int64[np.ndarray, "relations measures bins"]:
        """Counts over all slices."""
        return self.by_left.sum(axis=0)

    @property
    def n_pairs(self) -> int:
        """Number of pairs that count."""
        return int(self.by_left[:, :, 0].sum())


def count_pairs(
    totals: TileTotals,
    labels: UInt8[Tensor, "left right"],
    slices: tuple[Int64[np.ndarray, " left"], Int64[np.ndarray, " right"]],
    n_slices: tuple[int, int],
) -> PairHistograms:
    """Count the pairs of a tile.

    Parameters
    ----------
    totals
        Measures of the pairs. A pair without any effect has share 0.
    labels
        Relation of each pair; excluded ones are not counted.
    slices
        Slice of each left and of each right item.
    n_slices
        Number of slices of either side.

    Returns
    -------
    PairHistograms
        On the CPU.
    """
    device = totals.mass.device
    counted = (labels != EXCLUDED).long()
    relation = labels.long() * counted
    mass = torch.where(totals.mass > 0, totals.mass, 1.0)
    edges = torch.as_tensor(EDGES, device=device)
    values = (totals.squares.sqrt(), totals.largest, totals.largest / mass)
    bins = [torch.bucketize(one.double(), edges, right=True) for one in values]
    left, right = (torch.as_tensor(codes, device=device) for codes in slices)
    by_left, by_right = (
        torch.stack([_counts(codes * 2 + relation, one, counted, 2 * n) for one in bins], dim=1)
        for codes, n in ((left[:, None], n_slices[0]), (right[None, :], n_slices[1]))
    )
    shape = (-1, 2, len(MEASURES), len(EDGES) + 1)
    return PairHistograms(by_left.view(shape).cpu().numpy(), by_right.view(shape).cpu().numpy())


def _counts(
    groups: Int64[Tensor, "left right"],
    bins: Int64[Tensor, "left right"],
    counted: Int64[Tensor, "left right"],
    n_groups: int,
) -> Int64[Tensor, "groups bins"]:
    width = len(EDGES) + 1
    found = torch.zeros(n_groups * width, dtype=torch.int64, device=bins.device)
    return found.scatter_add_(0, (groups * width + bins).flatten(), counted.flatten()).view(n_groups, width)
