"""Protocol of a set of rows that an estimator needs beside the Banzhaf rows."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Int

__all__ = ["Neighbours", "RowSet"]

Neighbours = Int[np.ndarray, "segments segments"]
"""Row i: all segments by their distance from segment i, itself first."""


@runtime_checkable
class RowSet(Protocol):
    """Rule that counts and draws a set of rows."""

    @property
    def placed(self) -> bool:
        """True if the rows depend on where segments lie.

        Such rows are added to an enumeration too, because it does not say which of its coalitions they are.
        """
        ...

    def count(self, n_segments: int) -> int:
        """Number of rows of an item with ``n_segments`` segments."""
        ...

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw the rows of an item.

        Parameters
        ----------
        n_segments
            Segments of the item.
        rng
            Source of the rows.
        neighbours
            Segments by their distance from each segment; None takes the order of the segments.

        Returns
        -------
        Bool array, samples x segments
            True keeps the segment.
        """
        ...
