"""Reader of the tables in which Flickr30k (and Flickr8k) captions are handed on."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ilime_core.errors import InputError
from tasks.corpora.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.annotation_rows import Row, csv_rows
from tasks.corpora.corpus import Corpus, CorpusFormat, image_text_corpus
from tasks.corpora.json_document import Node, read_line
from tasks.corpora.listing import ALL_SPLITS, Listing, image_key, no_split, refuse_split
from tasks.corpora.stored_images import StoredImages
from tasks.storage import Storage

__all__ = ["FLICKR30K", "read_flickr30k"]

_WITH_SPLITS = "flickr_annotations_30k.csv"
_COLUMNS = {"raw", "split", "filename"}
_TOKEN = re.compile(r"([^\t]*)#(\d+)\t(.*)", re.DOTALL)
_NUMBERED = re.compile(r"\s*(\d+)\s*(.*)", re.DOTALL)


def read_flickr30k(annotations: str, images: str, split: str, limit: int | None = None) -> Corpus:
    """List the images and captions of a table.

    Parameters
    ----------
    annotations
        URL or path of ``flickr_annotations_30k.csv`` (columns raw, sentids, split, filename, img_id),
        ``results_20130124.token`` (lines ``name.jpg#0<TAB>caption``) or ``results.csv``
        (``image_name| comment_number| comment``); the first line tells which.
    images
        URL or path of the images' folder.
    split
        As in the first of these; the others have none and take only ``all``.
    limit
        Take only the first so many images and their captions.

    Raises
    ------
    InputError
        If the file cannot be used: the message names the line, what was got and what is needed.
    StorageError
        If the transport fails.

    References
    ----------
    .. [1] P. Young, A. Lai, M. Hodosh, J. Hockenmaier. From image descriptions to visual denotations. TACL 2,
       2014. DOI 10.1162/tacl_a_00166
    """
    file = AnnotationFile.find(annotations)
    place, first = next(numbered_lines(file), (file.url, ""))
    listing = Listing(file.url)
    if set(first.replace('"', "").split(",")) >= _COLUMNS:
        _list_splits(file, listing, split, limit)
    else:
        refuse_split(file.url, split, f", or give {_WITH_SPLITS}, which has them")
        _list_comments(_comments(file, place, first), listing, limit)
    listing.check(file.url, "a caption a line")
    return image_text_corpus(listing.images, listing.texts, StoredImages(Storage(images)), split, "flickr30k")


def _list_splits(file: AnnotationFile, listing: Listing, split: str, limit: int | None) -> None:
    """One image a row, its captions as a JSON list."""
    counts: Counter[str] = Counter()
    n_captions = 0
    for row in csv_rows(file):
        own = row.text("split")
        counts[own] += 1
        captions = list(_list_of(row, "raw").items("a JSON list of captions"))
        if split in {own, ALL_SPLITS} and (limit is None or len(listing.images) < limit):
            _take(row, captions, listing, n_captions)
        n_captions += len(captions)
    if not counts:
        raise InputError(f"{file.url}: has a header and no row; needed is at least one image with captions")
    if not listing.images:
        raise no_split(file.url, split, counts)


def _take(row: Row, captions: list[Node], listing: Listing, member: int) -> None:
    key = image_key(row.text("filename"), row.place)
    image_id = row.values.get("img_id") or key
    ids = [f"{image_id}#{number}" for number in range(len(captions))]
    if row.values.get("sentids"):
        ids = [node.identifier() for node in _list_of(row, "sentids").items("a JSON list of caption ids")]
    if len(ids) != len(captions):
        raise InputError(f"{row.place}: got {len(ids)} sentids for {len(captions)} captions")
    image = listing.add_image(key, image_id, row.place)
    for number, (caption, own) in enumerate(zip(captions, ids, strict=True)):
        listing.add_text(caption.text("the caption as text"), member + number, own, image, caption.place)


def _list_of(row: Row, column: str) -> Node:
    return read_line(row.text(column), f"{row.place}, {column}")


@dataclass(frozen=True, slots=True)
class _Comment:
    """One caption on a line of its own."""

    filename: str
    number: str
    text: str
    place: str


def _comments(file: AnnotationFile, place: str, first: str) -> Iterator[_Comment]:
    if _TOKEN.fullmatch(first):
        return (_token_line(*line) for line in numbered_lines(file))
    if [name.strip() for name in first.split("|")] == ["image_name", "comment_number", "comment"]:
        lines = numbered_lines(file)
        next(lines)
        return (_piped_line(*line) for line in lines)
    raise InputError(
        f"{place}: got {first[:80]!r}; needed are the columns {', '.join(sorted(_COLUMNS))}, the header"
        " image_name| comment_number| comment, or lines like name.jpg#0<TAB>caption"
    )


def _token_line(place: str, line: str) -> _Comment:
    found = _TOKEN.fullmatch(line)
    if not found:
        raise InputError(f"{place}: got {line[:80]!r}; needed is name.jpg#0<TAB>caption")
    return _Comment(found[1], found[2], found[3], place)


def _piped_line(place: str, line: str) -> _Comment:
    filename, *rest = line.split("|", 2)
    # The published file has a line without its second delimiter: "2199200615.jpg| 4   A dog runs ...".
    found = _NUMBERED.fullmatch("|".join(rest[:1]))
    if not found or (found[2] and len(rest) == 2):
        raise InputError(f"{place}: got {line[:80]!r}; needed is name.jpg| 0| caption")
    return _Comment(filename, found[1], rest[1].strip() if len(rest) == 2 else found[2].strip(), place)


def _list_comments(comments: Iterator[_Comment], listing: Listing, limit: int | None) -> None:
    """Images in the order in which they appear, whether their captions stand together or not."""
    row_of: dict[str, int] = {}
    for member, comment in enumerate(comments):
        if comment.filename not in row_of:
            if limit is not None and len(row_of) == limit:
                continue
            key = image_key(comment.filename, comment.place)
            row_of[key] = listing.add_image(key, key, comment.place)
        own = f"{comment.filename}#{comment.number}"
        listing.add_text(comment.text, member, own, row_of[comment.filename], comment.place)


FLICKR30K = CorpusFormat(
    "Flickr30k's tables: the CSV with splits, the token file, or results.csv",
    lambda asked: read_flickr30k(asked.annotations, asked.images, asked.split, asked.limit),
    lambda asked: StoredImages(Storage(asked.images)),
)
