"""Contrasts of a corpus: a query, its correct candidate, and an edited one that differs in a known way."""

from dataclasses import dataclass
from typing import Literal

__all__ = ["Contrast"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """Two candidates of one query, of which the corpus calls one correct and the other wrong."""

    direction: Literal["left_to_right", "right_to_left"]
    """Side that asks: an image among captions, or a caption among images."""
    query: int
    """Row of the side that asks."""
    correct: int
    """Row of the side that answers."""
    edited: int | None
    """The wrong candidate, likewise; None where an edit of ilime's own does not apply to the caption."""
    question: str
    """Name of the question: its contrasts have one text, image or group of them in common."""
    category: str
    """Kind of change, as the corpus or the edit names it."""
    edit: str
    """Layout that the wrong candidate comes from, or the edit that made it."""
