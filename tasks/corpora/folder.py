"""Reader of a folder of images with captions in a table, or in a text file beside each image."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

from ilime_core.errors import InputError
from tasks.corpora.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.annotation_rows import csv_rows, no_column
from tasks.corpora.corpus import Corpus, CorpusFormat, image_text_corpus
from tasks.corpora.json_document import Node, read_line
from tasks.corpora.listing import Listing, image_key, refuse_split
from tasks.corpora.sidecars import read_sidecars
from tasks.corpora.stored_images import StoredImages
from tasks.parameters import CorpusParameters
from tasks.storage import Storage

__all__ = ["FOLDER", "TABLE_NAMES", "read_folder"]

TABLE_NAMES = ("captions.csv", "captions.jsonl", "captions.txt", "metadata.csv", "metadata.jsonl")
"""Tables that are looked for in the images' folder."""

_FILE_COLUMNS = ("file_name", "file")


@dataclass(frozen=True, slots=True)
class _Captioned:
    """What one row says of one image."""

    filename: str
    captions: tuple[str, ...]
    place: str


def read_folder(asked: CorpusParameters) -> Corpus:
    """List the images that a table or text files beside them give captions to.

    Raises
    ------
    InputError
        If there is no table, or more than one, and no text file beside an image, or what there is cannot be
        used: the message names the line, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    storage = Storage(asked.images)
    file = _table(storage, asked.annotations)
    refuse_split(file.url if file else storage.url, asked.split)
    if file is None:
        images, texts = read_sidecars(storage, asked.limit, TABLE_NAMES)
    else:
        listing = Listing(file.url)
        _take(_rows(file, asked.caption_column), listing, asked.limit)
        listing.check(file.url, f"a row with {_FILE_COLUMNS[0]} and {asked.caption_column}")
        images, texts = listing.images, listing.texts
    return image_text_corpus(images, texts, StoredImages(storage), asked.split, "folder")


def _take(rows: Iterator[_Captioned], listing: Listing, limit: int | None) -> None:
    """Images in the order in which they appear; rows of one file name add up."""
    row_of: dict[str, int] = {}
    counts: Counter[str] = Counter()
    member = 0
    for row in rows:
        if row.filename not in row_of and (limit is None or len(row_of) < limit):
            key = image_key(row.filename, row.place)
            row_of[key] = listing.add_image(key, key, row.place)
        for text in row.captions:
            if row.filename in row_of:
                own = f"{row.filename}#{counts[row.filename]}"
                listing.add_text(text, member, own, row_of[row.filename], row.place)
                counts[row.filename] += 1
            member += 1


def _table(storage: Storage, annotations: str) -> AnnotationFile | None:
    """The table that was named, or the one that lies in the folder."""
    if annotations:
        return AnnotationFile.find(annotations)
    found = [name for name in TABLE_NAMES if storage.exists(name)]
    if len(found) > 1:
        raise InputError(
            f"{storage.url}: holds {' and '.join(found)}; set corpus.annotations to the one to read"
        )
    return AnnotationFile.find(f"{storage.url}/{found[0]}") if found else None


def _rows(file: AnnotationFile, column: str) -> Iterator[_Captioned]:
    suffix = PurePosixPath(file.name).suffix.lower()
    if suffix == ".csv":
        for row in csv_rows(file):
            name = row.text(_file_column(row.values, row.place))
            yield _Captioned(name, (row.text(column),), row.place)
    elif suffix == ".jsonl":
        for place, line in numbered_lines(file):
            yield _json_row(read_line(line, place), column)
    elif suffix == ".txt":
        for place, line in numbered_lines(file):
            name, tab, caption = line.partition("\t")
            if not tab:
                raise InputError(f"{place}: got {line[:80]!r}; needed is file<TAB>caption")
            yield _Captioned(name, (caption,), place)
    else:
        raise InputError(f"{file.url}: is no table known here; needed is .csv, .jsonl or .txt")


def _json_row(node: Node, column: str) -> _Captioned:
    if not isinstance(node.value, dict):
        raise node.wrong("an object")
    name = node.field(_file_column(node.value, node.place), "the image's file name")
    if column not in node.value:
        raise no_column(node.place, column, node.value)
    caption = node.field(column, "a caption or a list of captions")
    captions = caption.items("a list of captions") if isinstance(caption.value, list) else [caption]
    texts = tuple(one.text("a caption as text") for one in captions)
    return _Captioned(name.text("the image's file name"), texts, node.place)


def _file_column(columns: Mapping[str, object], place: str) -> str:
    found = next((name for name in _FILE_COLUMNS if name in columns), None)
    if found is None:
        raise no_column(place, _FILE_COLUMNS[0], columns)
    return found


FOLDER = CorpusFormat(
    "a folder of images with captions.csv, .jsonl or .txt, metadata.csv or .jsonl, or a .txt beside each",
    read_folder,
    lambda asked: StoredImages(Storage(asked.images)),
)
