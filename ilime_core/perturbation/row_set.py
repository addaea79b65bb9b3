"""Protocol of a set of rows that an estimator asks for beside the Banzhaf rows."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Int

__all__ = ["Neighbours", "RowSet"]

Neighbours = Int[np.ndarray, "segments segments"]
"""Row i: all segments by their distance from segment i, itself first."""


@runtime_checkable
class RowSet(Protocol):
    """How a set of rows is counted and drawn."""

    @property
    def placed(self) -> bool:
        """Whether the rows depend on where segments lie; they then stand beside an enumeration, too, which
        does not tell which of its coalitions they are.
        """
        ...

    def count(self, n_segments: int) -> int:
        """Rows of an item with ``n_segments`` segments."""
        ...

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw the rows of an item; True keeps the segment."""
        ...
