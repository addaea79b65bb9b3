"""Protocol of a selection of segments."""

from typing import Protocol, runtime_checkable

from ilime_core.selection.question import SubsetQuestion
from ilime_core.selection.search import Search

__all__ = ["SubsetSelection"]


@runtime_checkable
class SubsetSelection(Protocol):
    """Chooses segments of one item by encoding what it asks for."""

    def most_encodes(self, n_segments: int) -> int:
        """Most distinct rows of an item of that many segments; of fade for each fading segment."""
        ...

    def search(self, question: SubsetQuestion) -> Search:
        """Begin to ask."""
        ...
