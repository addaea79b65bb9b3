"""Reader of images with captions in a table, a list, or a text file beside each image."""

from collections import Counter
from collections.abc import Iterator

from ilime_core.errors import InputError
from tasks.corpora.captioned_rows import FILE_COLUMNS, CaptionedRow, captioned_rows
from tasks.corpora.clues import AnnotationHead, Clue, FileBeside, Guess, ListedFiles
from tasks.corpora.corpus import Corpus, image_text_corpus
from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import IMAGES, CorpusFormat
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.listing import Listing, image_key, refuse_split
from tasks.corpora.reading.object_boxes import ObjectColumn
from tasks.corpora.reading.sidecars import read_sidecars
from tasks.corpora.reading.stored_images import StoredImages
from tasks.corpora.reading.tags import TagColumns, in_folder
from tasks.storage.storage import Storage

__all__ = ["FOLDER", "TABLE_NAMES", "read_folder"]

TABLE_NAMES = ("captions.csv", "captions.jsonl", "captions.txt", "metadata.csv", "metadata.jsonl")
"""Tables that are looked for in the images' folder."""

_CAPTION_COLUMNS = ("caption", "captions", "text", "sentence", "description", "title")


def read_folder(asked: CorpusFields) -> Corpus:
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
    if file is None and asked.object_column:
        raise InputError(f"{storage.url}: corpus.object_column needs a table of JSON lines or a JSON list")
    if file is None:
        found = read_sidecars(storage, asked, TABLE_NAMES)
        images, texts, rejected = found.images, found.texts, found.rejected
    else:
        listing = Listing(file.url)
        columns = TagColumns(asked.tags, file.url)
        rows = captioned_rows(file, asked.caption_column, listing.rejections)
        objects = ObjectColumn(asked, file.url)
        _take(rows, listing, asked.limit, columns, objects)
        columns.check()
        objects.check()
        listing.check(file.url, f"a row with {FILE_COLUMNS[0]} and {asked.caption_column}")
        images, texts, rejected = listing.images, listing.texts, listing.rejections.found
    return image_text_corpus(images, texts, StoredImages(storage), asked.split, "folder", rejected=rejected)


def _take(
    rows: Iterator[CaptionedRow],
    listing: Listing,
    limit: int | None,
    columns: TagColumns,
    objects: ObjectColumn,
) -> None:
    """Images in the order in which they appear; rows of one file name add up."""
    row_of: dict[str, int] = {}
    counts: Counter[str] = Counter()
    member = 0
    for row in rows:
        first, member = member, member + len(row.captions)
        with listing.rejections.guard():
            key = image_key(row.filename, row.place)
            tags = columns.read(in_folder(row.entry, key))
            boxes = objects.read(row.entry)
            if key not in row_of:
                if limit is not None and len(row_of) == limit:
                    continue
                row_of[key] = listing.add_image(key, key, row.place)
            listing.add_tags(row_of[key], tags)
            listing.add_objects(row_of[key], boxes)
            for number, text in enumerate(row.captions, start=first):
                listing.add_text(text, number, f"{key}#{counts[key]}", row_of[key], row.place, tags=tags)
                counts[key] += 1


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


def _guess(clue: Clue) -> Guess | None:
    if isinstance(clue, ListedFiles):
        return _guess_of_listing(clue)
    if isinstance(clue, AnnotationHead):
        return _guess_of_table(clue)
    if not isinstance(clue, FileBeside):
        return None
    if clue.head.name.lower().endswith(".txt"):
        return Guess("a .txt file beside each image")
    captioned = '"caption"' in clue.head.text
    return Guess("a .json file with 'caption' beside each image") if captioned else None


def _guess_of_listing(listed: ListedFiles) -> Guess | None:
    tables = [name for name in TABLE_NAMES if name in listed.keys]
    if len(tables) > 1:
        raise InputError(
            f"{listed.storage.url}: holds {' and '.join(tables)}; name the one that counts with --annotations"
        )
    return _guess_of_table(listed.head(tables[0])) if tables else None


def _guess_of_table(head: AnnotationHead) -> Guess | None:
    """A table with file names, or one that is called like the tables of a folder."""
    named = head.name.endswith(TABLE_NAMES)
    lines = head.name.endswith(".txt") and "\t" in head.text.partition("\n")[0]  # no header
    if lines or head.row.keys().isdisjoint(FILE_COLUMNS):
        return Guess(head.name) if named else None
    column = next((known for known in _CAPTION_COLUMNS if known in head.row), _CAPTION_COLUMNS[0])
    return Guess(head.columns, () if column == _CAPTION_COLUMNS[0] else (("caption_column", column),))


FOLDER = CorpusFormat(
    read_folder,
    "images with captions.csv, .json, .jsonl or .txt, metadata.csv or .jsonl, or a .txt beside each",
    "ilime",
    title="folder of images",
    open=lambda asked: StoredImages(Storage(asked.images)),
    required=IMAGES,
    settings=("annotations", "caption_column", "object_column", "object_box"),
    split="all",
    guess=_guess,
)
