"""Reader of the tables in which Flickr30k (and Flickr8k) captions are handed on."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from ilime_core.errors import InputError, ItemError
from tasks.corpora.clues import AnnotationHead, Clue, Guess
from tasks.corpora.corpus import Corpus, Tags, image_text_corpus
from tasks.corpora.format import ANNOTATIONS, IMAGES, CorpusFormat
from tasks.corpora.reading.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.reading.annotation_rows import Row, csv_rows
from tasks.corpora.reading.json_document import Node, read_line
from tasks.corpora.reading.listing import ALL_SPLITS, Listing, image_key, no_split, refuse_split
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.reading.tags import TagColumns
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text
from tasks.storage.storage import Storage

__all__ = ["FLICKR30K", "read_flickr30k"]

_WITH_SPLITS = "flickr_annotations_30k.csv"
_HEAD = 20
"""Number of lines that are read to recognise the layout."""
_COLUMNS = {"raw", "split", "filename"}
_TOKEN = re.compile(r"([^\t]*)#(\d+)\t(.*)", re.DOTALL)
_NUMBERED = re.compile(r"\s*(\d+)\s*(.*)", re.DOTALL)


def read_flickr30k(
    annotations: str, images: str, split: str, limit: int | None = None, tags: Sequence[str] = ()
) -> Corpus:
    """List the images and captions of a table.

    Parameters
    ----------
    annotations
        URL or path of ``flickr_annotations_30k.csv`` (columns raw, sentids, split, filename, img_id),
        ``results_20130124.token`` (lines ``name.jpg#0<TAB>caption``) or ``results.csv``
        (``image_name| comment_number| comment``); recognised by the first line.
    images
        URL or path of the images' folder.
    split
        As in the first of these; the others have none and take only ``all``.
    limit
        Largest number of images, with their captions; None takes all.
    tags
        Columns of the CSV with splits that are kept as tags.

    Returns
    -------
    Corpus
        Corpus with every image and caption that can be used; the others are in its ``rejected``.

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
    listing = Listing(file.url)
    columns = TagColumns(tags, file.url)
    head = list(islice(numbered_lines(file, Rejections(file.name)), _HEAD)) or [(file.url, "")]
    if set(head[0][1].replace('"', "").split(",")) >= _COLUMNS:
        _list_splits(file, listing, split, limit, columns)
    else:
        refuse_split(file.url, split, f", or give {_WITH_SPLITS}, which has them")
        read, has_header = _line_reader(head)
        lines = numbered_lines(file, listing.rejections)
        if has_header:
            next(lines)
        _list_comments(lines, read, listing, limit)
    columns.check()
    listing.check(file.url, "a caption a line")
    return image_text_corpus(
        listing.images,
        listing.texts,
        StoredImages(Storage(images)),
        split,
        "flickr30k",
        rejected=listing.rejections.found,
    )


def _list_splits(
    file: AnnotationFile, listing: Listing, split: str, limit: int | None, columns: TagColumns
) -> None:
    """One image a row, its captions as a JSON list."""
    counts: Counter[str] = Counter()
    n_captions = 0
    for row in csv_rows(file, listing.rejections):
        with listing.rejections.guard():
            tags = columns.read(Node(row.values, row.place))
            own = row.text("split")
            counts[own] += 1
            asked = split in {own, ALL_SPLITS}
            captions = _captions(row, asked=asked)
            first, n_captions = n_captions, n_captions + len(captions)
            if asked and (limit is None or len(listing.images) < limit):
                _take(row, captions, listing, first, tags)
    if not counts and not listing.rejections.found:
        raise InputError(f"{file.url}: has a header and no row; needed is at least one image with captions")
    if counts and split not in {*counts, ALL_SPLITS}:
        raise no_split(file.url, split, counts)


def _captions(row: Row, *, asked: bool) -> Sequence[Node]:
    """Captions of a row; of another split they are only counted."""
    try:
        return list(_list_of(row, "raw").items("a JSON list of captions"))
    except (InputError, ItemError):
        if asked:
            raise
        return ()


def _take(row: Row, captions: Sequence[Node], listing: Listing, member: int, tags: Tags) -> None:
    key = image_key(row.text("filename"), row.place)
    image_id = (row.text("img_id") if "img_id" in row.values else "") or key
    ids = [f"{image_id}#{number}" for number in range(len(captions))]
    if row.values.get("sentids"):
        ids = [node.identifier() for node in _list_of(row, "sentids").items("a JSON list of caption ids")]
    if len(ids) != len(captions):
        raise InputError(f"{row.place}: got {len(ids)} sentids for {len(captions)} captions")
    image = listing.add_image(key, image_id, row.place, tags)
    for number, (caption, own) in enumerate(zip(captions, ids, strict=True)):
        with listing.rejections.guard():
            listing.add_text(caption.text("the caption as text"), member + number, own, image, caption.place)


def _list_of(row: Row, column: str) -> Node:
    row.check(column)
    return read_line(row.values[column], f"{row.place}, {column}")


@dataclass(frozen=True, slots=True)
class _Comment:
    """One caption on a line of its own."""

    filename: str
    number: str
    text: str


def _line_reader(head: Sequence[tuple[str, str]]) -> tuple[Callable[[str, str], _Comment], bool]:
    """How a line is read, and whether the first one is a header; any of the first lines may be broken."""
    place, first = head[0]
    if any(_TOKEN.fullmatch(line) for _, line in head):
        return _token_line, False
    if [name.strip() for name in first.split("|")] == ["image_name", "comment_number", "comment"]:
        return _piped_line, True
    raise InputError(
        f"{place}: got {first[:80]!r}; needed are the columns {', '.join(sorted(_COLUMNS))}, the header"
        " image_name| comment_number| comment, or lines like name.jpg#0<TAB>caption"
    )


def _token_line(place: str, line: str) -> _Comment:
    found = _TOKEN.fullmatch(line)
    if not found:
        raise InputError(f"{place}: got {line[:80]!r}; needed is name.jpg#0<TAB>caption")
    return _Comment(found[1], found[2], found[3])


def _piped_line(place: str, line: str) -> _Comment:
    filename, *rest = line.split("|", 2)
    # The published file has a line without its second delimiter: "2199200615.jpg| 4   A dog runs ...".
    found = _NUMBERED.fullmatch("|".join(rest[:1]))
    if not found or (found[2] and len(rest) == 2):
        raise InputError(f"{place}: got {line[:80]!r}; needed is name.jpg| 0| caption")
    return _Comment(filename, found[1], rest[1].strip() if len(rest) == 2 else found[2].strip())


def _list_comments(
    lines: Iterator[tuple[str, str]],
    read: Callable[[str, str], _Comment],
    listing: Listing,
    limit: int | None,
) -> None:
    """Images in the order in which they appear, whether their captions are adjacent or not."""
    row_of: dict[str, int] = {}
    for member, (place, line) in enumerate(lines):
        with listing.rejections.guard():
            comment = read(place, line)
            key = image_key(check_text(comment.filename, place, "a file name"), place)
            if key not in row_of:
                if limit is not None and len(row_of) == limit:
                    continue
                row_of[key] = listing.add_image(key, key, place)
            check_text(comment.text, place, "a caption")
            listing.add_text(comment.text, member, f"{key}#{comment.number}", row_of[key], place)


def _guess(clue: Clue) -> Guess | None:
    if not isinstance(clue, AnnotationHead) or clue.is_object:
        return None
    if re.match(r"\S+\.jpg#\d+\t", clue.text):
        return Guess(f"{clue.name}: lines like name.jpg#0", (("split", ALL_SPLITS),))
    if {"image_name", "comment"} <= clue.row.keys():
        return Guess(clue.columns, (("split", ALL_SPLITS),))
    return Guess(clue.columns) if {"raw", "sentids", "filename"} <= clue.row.keys() else None


FLICKR30K = CorpusFormat(
    lambda asked: read_flickr30k(asked.annotations, asked.images, asked.split, asked.limit, asked.tags),
    "Flickr30k's tables: the CSV with splits, the token file, or results.csv",
    "https://doi.org/10.1162/tacl_a_00166",
    title="Flickr30k",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required={**ANNOTATIONS, **IMAGES},
    guess=_guess,
)
