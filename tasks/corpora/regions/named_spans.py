"""Hand-drawn boxes of what captions name, so that localisation can be measured."""

import math
import warnings
from collections.abc import Iterator
from dataclasses import dataclass

from ilime_core.errors import IlimeWarning, InputError
from tasks.corpora.corpus import Corpus, TextEntry
from tasks.corpora.reading.json_document import Node, read_document
from tasks.corpora.rejections import Rejections

__all__ = ["CaptionRegions", "NamedSpan", "PixelBox", "SpansOfCaption", "read_regions", "read_spans"]

_FIELDS = ("regions", "filename", "sentid", "spans", "char_start", "char_end", "text", "boxes", "label")


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A rectangle in pixels of the original upright image: left edge, top edge, width, height."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class NamedSpan:
    """Words of a caption, in code points, and where the image shows what they name."""

    char_start: int
    char_end: int
    text: str
    boxes: tuple[PixelBox, ...]
    label: int | None = None
    """Of its pixels in the image's label map, where there is one."""


@dataclass(frozen=True, slots=True)
class CaptionRegions:
    """The named spans of one caption in reading order, not overlapping."""

    text_index: int
    """Row of ``Corpus.right``."""
    spans: tuple[NamedSpan, ...]


@dataclass(frozen=True, slots=True)
class SpansOfCaption:
    """Named spans of a caption, not yet compared with the caption's text."""

    filename: str
    """Of the caption's image."""
    sentid: str
    spans: tuple[NamedSpan, ...]
    place: str
    """In the file, for complaints."""

    def check(self, caption: str) -> None:
        """Refuse spans of another caption.

        Raises
        ------
        InputError
            If a span does not read as the caption does there.
        """
        for number, span in enumerate(self.spans):
            there = caption[span.char_start : span.char_end]
            if span.char_end > len(caption) or there != span.text:
                raise InputError(
                    f"{self.place}.spans[{number}]: got 'text' {span.text!r}; needed is what the caption of"
                    f" {len(caption)} code points has there, {there!r}"
                )


def read_spans(url: str) -> tuple[SpansOfCaption, ...]:
    """Read all spans of a file, whatever corpus it is of.

    A caption that occurs twice, has overlapping spans or a box without area is omitted, with a warning.

    Raises
    ------
    InputError
        If the file cannot be used, or no caption of it; the message names the place.
    StorageError
        If the transport fails.
    """
    found: dict[str, SpansOfCaption] = {}
    rejections = Rejections(url.rpartition("/")[2])
    for node in _captions(read_document(url, _FIELDS)):
        with rejections.guard():
            said = _spans_of(node)
            if said.sentid in found:
                raise InputError(
                    f"{node.place}: the caption {said.sentid!r} occurs twice; each may occur once"
                )
            found[said.sentid] = said
    if rejections.found:
        message = (
            f"{len(rejections.found):,} captions cannot be used, the first: {rejections.found[0].message}"
        )
        if not found:
            raise InputError(f"{url}: {message}")
        warnings.warn(f"{url}: {message}; they are left out", IlimeWarning, stacklevel=2)
    return tuple(found.values())


def read_regions(url: str, corpus: Corpus) -> tuple[CaptionRegions, ...]:
    """Read the regions of a corpus's captions; those of captions outside its split are ignored.

    Parameters
    ----------
    url
        JSON file of regions.
    corpus
        The listed corpus.

    Returns
    -------
    tuple[CaptionRegions, ...]
        Regions in the order of the captions.

    Raises
    ------
    InputError
        If the file cannot be used, a span is not in its caption, a caption is not of its image or occurs
        twice, a box has no area, or no region is of this corpus; the message names the place.
    StorageError
        If the transport fails.
    """
    document = read_document(url, _FIELDS)
    row_of = {text.external_id: row for row, text in enumerate(corpus.right)}
    found: dict[int, CaptionRegions] = {}
    for node in _captions(document):
        sentid = node.field("sentid", "the sentid of a caption").identifier()
        if sentid not in row_of:
            continue
        row = row_of[sentid]
        if row in found:
            raise InputError(f"{node.place}: the caption {sentid!r} occurs twice; each may occur once")
        text = corpus.right[row]
        if not isinstance(text, TextEntry):
            raise InputError(f"{document.place}: regions belong to captions, and this corpus has none")
        _check_image(node, corpus, text)
        said = _spans_of(node)
        said.check(text.text)
        found[row] = CaptionRegions(row, said.spans)
    if not found:
        raise InputError(f"{document.place}: no region is of a caption of this corpus; compare the sentids")
    return tuple(found[row] for row in sorted(found))


def _captions(document: Node) -> Iterator[Node]:
    return document.field("regions", "the list of regions").items("the list of regions")


def _spans_of(node: Node) -> SpansOfCaption:
    return SpansOfCaption(
        node.field("filename", "the caption's image").text("the caption's image"),
        node.field("sentid", "the sentid of a caption").identifier(),
        tuple(_spans(node.field("spans", "the list of spans"))),
        node.place,
    )


def _check_image(node: Node, corpus: Corpus, text: TextEntry) -> None:
    filename = node.field("filename", "the caption's image")
    if text.image_index is None:
        raise InputError(f"{node.place}: caption {text.external_id!r} is of no image; regions need images")
    uri = corpus.left[text.image_index].uri
    if filename.text("the caption's image") != uri:
        raise filename.wrong(f"{uri!r}, the image of caption {text.external_id!r}")


def _spans(node: Node) -> Iterator[NamedSpan]:
    end = 0
    for item in node.items("the list of spans"):
        span = _span(item)
        if not end <= span.char_start < span.char_end:
            raise item.wrong(f"a span that begins at {end} or later, with a code point in it")
        end = span.char_end
        yield span


def _span(item: Node) -> NamedSpan:
    boxes = tuple(map(_box, item.field("boxes", "a list of boxes").items("a list of boxes")))
    if not boxes:
        raise item.wrong("at least one box")
    label = item.optional("label")
    return NamedSpan(
        item.field("char_start", "the first code point").integer("the first code point"),
        item.field("char_end", "the code point after the last").integer("the code point after the last"),
        item.field("text", "the words named").text("the words named"),
        boxes,
        None if label is None else label.integer("the number of its pixels in the label map"),
    )


def _box(node: Node) -> PixelBox:
    numbers: list[float] = []
    for item in node.items("[x, y, width, height]"):
        if not isinstance(item.value, int | float) or isinstance(item.value, bool):
            raise item.wrong("a number of pixels")
        numbers.append(item.value)
    if len(numbers) != 4 or not all(map(math.isfinite, numbers)) or min(numbers) < 0 or min(numbers[2:]) == 0:
        raise node.wrong("[x, y, width, height] in pixels, with x and y not negative and an area")
    return PixelBox(*numbers)
