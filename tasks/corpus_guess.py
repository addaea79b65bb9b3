"""Which layout a corpus has, by the names of its files and their first bytes."""

import csv
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ilime_core.errors import InputError
from tasks.storage import MissingFileError, Storage

__all__ = ["CorpusGuess", "guess_corpus"]

_HEAD = 65_536
_BLANK = "\ufeff \r\n\t"
_TABLES = ("captions.csv", "captions.jsonl", "captions.txt", "metadata.csv", "metadata.jsonl")
_CAPTIONS = ("caption", "captions", "text", "sentence", "description", "title")
_IMAGE_SUFFIXES = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff")


@dataclass(frozen=True, slots=True)
class CorpusGuess:
    """A layout, and fields of ``corpus`` that go with it.

    Attributes
    ----------
    why
        What was seen, for people.
    fields
        Names and values beside format and images.
    """

    format: str
    why: str
    fields: tuple[tuple[str, str], ...] = ()


def guess_corpus(images: str, annotations: str) -> CorpusGuess:
    """Guess.

    Parameters
    ----------
    images
        Folder or pattern, as ``corpus.images`` will say.
    annotations
        Annotation file; empty where none was named.

    Raises
    ------
    InputError
        If nothing known is there; the message says what was seen and what is known.
    StorageError
        If the transport fails.
    """
    if annotations:
        return _of_annotations(annotations)
    for suffix, name in ((".tar", "webdataset"), (".parquet", "parquet")):
        if images.endswith(suffix):
            return CorpusGuess(name, f"names end in {suffix}")
    storage = Storage(images)
    keys = [file.key for file in storage.list()]
    for suffix, name in ((".tar", "webdataset"), (".parquet", "parquet")):
        found = [key for key in keys if key.endswith(suffix)]
        if found:
            return CorpusGuess(name, f"{len(found)} files end in {suffix}", _split_of(found, name))
    return _of_folder(storage, keys)


def _of_folder(storage: Storage, keys: Sequence[str]) -> CorpusGuess:
    tables = [name for name in _TABLES if name in keys]
    if len(tables) > 1:
        raise InputError(
            f"{storage.url}: holds {' and '.join(tables)}; name the one that counts with --annotations"
        )
    if tables:
        columns = _columns(_head(storage, tables[0]).lstrip(_BLANK), tables[0])
        return CorpusGuess("folder", tables[0], _caption_column(columns, tables[0]))
    for key in keys:
        if "/" not in key and key.endswith((".json", ".csv", ".token")):
            guess = _sniffed(_head(storage, key), key)
            if guess is not None:
                place = f"{storage.url.rstrip('/')}/{key}"
                return CorpusGuess(guess.format, guess.why, (("annotations", place), *guess.fields))
    stems = {key.rsplit(".", 1)[0] for key in keys if key.lower().endswith(_IMAGE_SUFFIXES)}
    if any(key.endswith(".txt") and key[:-4] in stems for key in keys):
        return CorpusGuess("folder", "a .txt file beside each image")
    seen = ", ".join(map(repr, keys[:3])) or "nothing"
    raise InputError(
        f"{storage.url}: no captions found ({seen} is there); needed are {', '.join(_TABLES)}, "
        ".txt files beside images, .tar shards, .parquet files, or an annotation file (--annotations)"
    )


def _of_annotations(annotations: str) -> CorpusGuess:
    folder, _, name = annotations.rpartition("/")
    if name.endswith(".parquet"):
        return CorpusGuess("image_pairs", f"{name}: only pairs of images come as Parquet beside their images")
    head = _head(Storage(folder or ("/" if annotations.startswith("/") else ".")), name)
    guess = _sniffed(head, name)
    if guess is not None:
        return guess
    raise InputError(
        f"{annotations}: is like no known annotation file (Karpathy's or COCO's JSON, Flickr30k's CSV, "
        "captions or pairs of images as CSV, JSONL or Parquet); name the layout with --corpus-format"
    )


def _sniffed(head: str, name: str) -> CorpusGuess | None:
    text = head.lstrip(_BLANK)
    if text.startswith("{") and not name.endswith(".jsonl"):
        if re.search(r'"(sentences|sentids)"\s*:', text):
            return CorpusGuess("karpathy", f"{name}: images with sentences")
        found = re.search(r'"(file_name|image_id)"\s*:', text)
        return CorpusGuess("coco_captions", f"{name}: images by file_name") if found else None
    if re.match(r"\S+\.jpg#\d+\t", text):
        return CorpusGuess("flickr30k", f"{name}: lines like name.jpg#0", (("split", "all"),))
    return _of_columns(_columns(text, name), name)


def _of_columns(columns: Sequence[str], name: str) -> CorpusGuess | None:
    seen = f"{name}: columns {', '.join(columns)}"
    if {"query", "candidate"} <= set(columns):
        return CorpusGuess("image_pairs", seen)
    if {"image_name", "comment"} <= set(columns):
        return CorpusGuess("flickr30k", seen, (("split", "all"),))
    if {"raw", "sentids", "filename"} <= set(columns):
        return CorpusGuess("flickr30k", seen)
    if {"file_name", "file", "filename", "image"} & set(columns) or name.endswith(_TABLES):
        return CorpusGuess("folder", seen, _caption_column(columns, name))
    return None


def _columns(text: str, name: str) -> list[str]:
    """Names in a CSV header or in the first object of JSON lines."""
    line = text.partition("\n")[0].strip()
    if name.endswith(".jsonl"):
        try:
            row = json.loads(line)
        except ValueError:
            return []
        return [str(key) for key in row] if isinstance(row, dict) else []
    delimiter = "|" if line.count("|") > line.count(",") else ","
    return [column.strip() for column in next(csv.reader([line], delimiter=delimiter), [])]


def _caption_column(columns: Sequence[str], name: str) -> tuple[tuple[str, str], ...]:
    """The column with captions, where it has another name than the default."""
    column = next((known for known in _CAPTIONS if known in columns), "caption")
    return () if column == "caption" or name.endswith(".txt") else (("caption_column", column),)


def _split_of(keys: Sequence[str], format: str) -> tuple[tuple[str, str], ...]:  # noqa: A002 - the field's name
    """Parquet files carry a split in their names or belong to none."""
    splits = {match[1] for key in keys if (match := re.match(r"(\w+)-\d+-of-\d+", key.rpartition("/")[2]))}
    if format != "parquet" or "test" in splits:
        return ()
    return (("split", "validation" if "validation" in splits else "all"),)


def _head(storage: Storage, key: str) -> str:
    try:
        with storage.open(key) as stream:
            return stream.read(_HEAD).decode("utf-8", errors="replace")
    except MissingFileError as error:
        raise InputError(f"{storage.url}/{key}: there is no such file") from error
