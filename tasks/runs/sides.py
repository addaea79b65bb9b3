"""Words for the two sides of a run, in messages and reports."""

from collections.abc import Mapping
from dataclasses import dataclass

from tasks.runs.run import Run

__all__ = ["IMAGES_AND_IMAGES", "IMAGES_AND_TEXTS", "TEXTS_AND_TEXTS", "SideWords", "side_words"]


@dataclass(frozen=True, slots=True)
class SideWords:
    """Names of the sides and of what is asked, by direction."""

    left: str
    right: str
    texts: str
    """Plural for its texts."""
    shared: str
    """Items that several pairs have in common."""
    segments: str
    """Rows and columns of W."""
    one_segment: tuple[str, str]
    """One row and one column of W."""
    questions: Mapping[str, str]
    asks: Mapping[str, str]
    is_alike: bool
    """True if both sides are images, or both texts."""

    @property
    def both(self) -> str:
        """The two items of a pair."""
        return f"{self.left} and {self.right}"


IMAGES_AND_TEXTS = SideWords(
    left="image",
    right="caption",
    texts="captions",
    shared="photographs and captions",
    segments="regions and words",
    one_segment=("region", "word"),
    questions={"left_to_right": "image to text", "right_to_left": "text to image"},
    asks={
        "left_to_right": "photograph asks, captions answer",
        "right_to_left": "caption asks, photographs answer",
    },
    is_alike=False,
)


def _alike(texts: str, segment: str) -> SideWords:
    return SideWords(
        left="query",
        right="candidate",
        texts=texts,
        shared="queries and candidates",
        segments=f"{segment}s",
        one_segment=(segment, segment),
        questions={"left_to_right": "query to candidate", "right_to_left": "candidate to query"},
        asks={
            "left_to_right": "query asks, candidates answer",
            "right_to_left": "candidate asks, queries answer",
        },
        is_alike=True,
    )


IMAGES_AND_IMAGES = _alike("texts", "region")
TEXTS_AND_TEXTS = _alike("texts", "word")


def side_words(run: Run) -> SideWords:
    """Words for a run: of visual search where its corpus has no text, of texts where it has no image."""
    if run.plan.get("n_texts") == 0:
        return IMAGES_AND_IMAGES
    return TEXTS_AND_TEXTS if run.plan.get("n_images") == 0 else IMAGES_AND_TEXTS
