"""What stands on the two sides of a run, in people's words."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.runs import Run

__all__ = ["IMAGES_AND_TEXTS", "QUERIES_AND_CANDIDATES", "SideWords", "side_words"]


@dataclass(frozen=True, slots=True)
class SideWords:
    """Names of the sides and of what is asked, by direction."""

    left: str
    right: str
    segments: str
    """What the rows and columns of W are."""
    questions: Mapping[str, str]
    asks: Mapping[str, str]
    has_pictures: bool
    """Whether there are pictures and pages of pairs."""


IMAGES_AND_TEXTS = SideWords(
    left="image",
    right="caption",
    segments="regions and words",
    questions={"left_to_right": "image to text", "right_to_left": "text to image"},
    asks={
        "left_to_right": "photograph asks, captions answer",
        "right_to_left": "caption asks, photographs answer",
    },
    has_pictures=True,
)

QUERIES_AND_CANDIDATES = SideWords(
    left="query",
    right="candidate",
    segments="regions",
    questions={"left_to_right": "query to candidate", "right_to_left": "candidate to query"},
    asks={
        "left_to_right": "query asks, candidates answer",
        "right_to_left": "candidate asks, queries answer",
    },
    has_pictures=False,
)


def side_words(run: Run) -> SideWords:
    """Words for a run: those of visual search where its corpus has no text."""
    return QUERIES_AND_CANDIDATES if run.plan.get("n_texts") == 0 else IMAGES_AND_TEXTS
