"""Cards of pairs on the first page of a report."""

from dataclasses import dataclass

from tasks.figures.colours import symmetric_limit
from tasks.figures.item_pictures import ImagePicture, TextPicture
from tasks.figures.margins import margin_warning
from tasks.figures.pair_picture import PairPicture
from tasks.report.pair_page import MARGINS
from tasks.report.tinted import TintedWord, tinted_words

__all__ = ["Card", "Thumbnail", "card_of"]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small photograph."""

    item_id: str
    name: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Card:
    """A pair on the first page: its photographs, then its texts."""

    pair_id: str
    pictures: tuple[Thumbnail, ...]
    captions: tuple[tuple[TintedWord, ...], ...]
    is_error: bool
    summary: str
    limit: float | None
    """Value of the deepest colour; every card has its own."""
    warning: str
    """Warning about its margins; empty where there is none."""


_UNTOLD = "segments leave out more than the margin"


def card_of(pair: PairPicture) -> Card:
    """Photographs, tinted texts and the numbers that matter most."""
    parts = [f"score {pair.score:.2f}"]
    rank, what = (pair.rank_of_right, "candidate") if pair.is_alike else (pair.rank_of_left, "photograph")
    if rank is not None:
        parts.append(f"{what} ranked {rank}")
    if pair.joint.explained is not None:
        parts.append(pair.joint.brief)
    items, nets = (pair.left, pair.right), (pair.left_net, pair.right_net)
    texts = [(item, net) for item, net in zip(items, nets, strict=True) if isinstance(item, TextPicture)]
    limit = symmetric_limit(*(net for _, net in texts))
    return Card(
        pair.pair_id,
        tuple(_thumbnail(item) for item in items if isinstance(item, ImagePicture)),
        tuple(tinted_words(item, net, limit) for item, net in texts),
        pair.is_error,
        ", ".join(parts),
        limit if texts else None,
        _UNTOLD if pair.is_error and any(map(margin_warning, pair.margins[:MARGINS])) else "",
    )


def _thumbnail(image: ImagePicture) -> Thumbnail:
    height, width = image.photo.shape[:2]
    return Thumbnail(image.item_id, image.title, width, height)
