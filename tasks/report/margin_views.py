"""Pages of retrieval errors: why a wrong candidate won, with a warning where segments do not explain it."""

from dataclasses import dataclass

from tasks.figures.margins import margin_sentence, margin_warning
from tasks.figures.pair_picture import PairPicture

__all__ = ["MARGINS", "MarginView", "margin_views"]

MARGINS = 2
"""Margins that a page shows of a pair."""


@dataclass(frozen=True, slots=True)
class MarginView:
    """One margin beside its picture."""

    title: str
    sentence: str
    warning: str
    """Empty where the remainders are smaller than the margin."""


def margin_views(pair: PairPicture) -> list[MarginView]:
    """The margins that the page of a pair shows."""
    return [
        MarginView(
            "Why the wrong candidate won"
            if not warning
            else "The wrong candidate, and what segments say of it",
            margin_sentence(margin),
            warning,
        )
        for margin in pair.margins[:MARGINS]
        for warning in [margin_warning(margin)]
    ]
