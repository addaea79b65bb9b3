"""Relations of the pairs of a benchmark: matches, all others, and no pairs, an item with itself."""

from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor

__all__ = ["EXCLUDED", "OTHER", "POSITIVE", "PairRelations"]

OTHER, POSITIVE, EXCLUDED = 0, 1, 2
"""Labels of a pair: it does not match, it matches, it does not count."""


@dataclass(frozen=True, slots=True, eq=False)
class PairRelations:
    """Pairs of a benchmark by (left, right) position; all others do not match.

    Attributes
    ----------
    positives
        Pairs that match.
    excluded
        Pairs that are left out of all totals, such as an item with itself where both sides share items.
    """

    positives: Int64[np.ndarray, "positives 2"]
    excluded: Int64[np.ndarray, "excluded 2"]

    def labels(
        self, left: Int64[np.ndarray, " left"], right: Int64[np.ndarray, " right"]
    ) -> UInt8[Tensor, "left right"]:
        """Label the pairs of a tile.

        Parameters
        ----------
        left, right
            Positions of the tile's items.

        Returns
        -------
        UInt8 tensor, left x right
            `OTHER`, `POSITIVE` or `EXCLUDED`.
        """
        labels = np.full((len(left), len(right)), OTHER, dtype=np.uint8)
        for label, pairs in ((POSITIVE, self.positives), (EXCLUDED, self.excluded)):
            row, column = _places(left, pairs[:, 0]), _places(right, pairs[:, 1])
            here = (row >= 0) & (column >= 0)
            labels[row[here], column[here]] = label
        return torch.from_numpy(labels)


def _places(
    positions: Int64[np.ndarray, " items"], wanted: Int64[np.ndarray, " wanted"]
) -> Int64[np.ndarray, " wanted"]:
    """Place of each wanted position; -1 where it is not among them."""
    order = np.argsort(positions)
    at = np.minimum(np.searchsorted(positions[order], wanted), len(positions) - 1)
    return np.where(positions[order[at]] == wanted, order[at], -1)
