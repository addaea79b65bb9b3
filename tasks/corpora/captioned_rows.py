"""Rows of an image's file name and its captions, in any of four kinds of files."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath

from ilime_core.errors import InputError
from tasks.corpora.reading.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.reading.annotation_rows import csv_rows, no_column
from tasks.corpora.reading.json_document import Node, json_lines, read_document
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text

__all__ = ["FILE_COLUMNS", "CaptionedRow", "captioned_rows"]

FILE_COLUMNS = ("file_name", "file", "filename", "image", "image_name")
"""Names of the column with file names, the first that is there."""

_CAPTIONS = "corpus.caption_column"


@dataclass(frozen=True, slots=True)
class CaptionedRow:
    """Row of a table of captions: an image and its captions."""

    filename: str
    captions: tuple[str, ...]
    place: str
    entry: Node
    """All columns; none where the file does not name them."""


def captioned_rows(file: AnnotationFile, column: str, rejections: Rejections) -> Iterator[CaptionedRow]:
    """Read the rows that can be used; the others are rejected, and so are single captions.

    The image of a caption that cannot be used is one that only distracts.

    Parameters
    ----------
    file
        Ending in ``.csv``, ``.jsonl``, ``.json`` (a list of objects, as BLIP and ALBEF have it) or ``.txt``
        (lines ``file<TAB>caption``, or CSV with a header).
    column
        Of captions; CSV and JSON.

    Yields
    ------
    Iterator[CaptionedRow]
        Usable rows in the file's order.

    Raises
    ------
    InputError
        If the file is of another kind, no JSON list, or a CSV without these columns.
    """
    suffix = PurePosixPath(file.name).suffix.lower()
    if suffix == ".csv" or (suffix == ".txt" and _has_header(file)):
        return _of_csv(file, column, rejections)
    if suffix == ".jsonl":
        return _of_nodes(json_lines(file, rejections), column, rejections)
    if suffix == ".json":
        rows = read_document(file.url, None).items("a list of objects with an image and its captions")
        return _of_nodes(rows, column, rejections)
    if suffix == ".txt":
        return _of_lines(file, rejections)
    raise InputError(f"{file.url}: is no table known here; needed is .csv, .json, .jsonl or .txt")


def _has_header(file: AnnotationFile) -> bool:
    """Return whether the first line names columns, as Kaggle's ``captions.txt`` of Flickr8k does."""
    _, first = next(numbered_lines(file, Rejections(file.name)), ("", ""))
    names = first.replace('"', "").split(",")
    return "\t" not in first and not {*FILE_COLUMNS}.isdisjoint(names)


def _of_csv(file: AnnotationFile, column: str, rejections: Rejections) -> Iterator[CaptionedRow]:
    for row in csv_rows(file, rejections):
        names = _file_column(row.values, row.place)
        row.check(column, _CAPTIONS)
        with rejections.guard():
            name = row.text(names)
            texts: list[str] = []
            with rejections.guard():
                texts.append(row.text(column))
            yield CaptionedRow(name, tuple(texts), row.place, Node(row.values, row.place))


def _of_nodes(nodes: Iterator[Node], column: str, rejections: Rejections) -> Iterator[CaptionedRow]:
    for node in nodes:
        with rejections.guard():
            yield _of_node(node, column, rejections)


def _of_node(node: Node, column: str, rejections: Rejections) -> CaptionedRow:
    if not isinstance(node.value, dict):
        raise node.wrong("an object")
    name = node.field(_file_column(node.value, node.place), "the image's file name")
    filename = name.text("the image's file name")
    if column not in node.value:
        raise no_column(node.place, column, node.value, _CAPTIONS)
    texts: list[str] = []
    with rejections.guard():
        caption = node.field(column, "a caption or a list of captions")
        many = isinstance(caption.value, list)
        for one in caption.items("a list of captions") if many else (caption,):
            with rejections.guard():
                texts.append(one.text("a caption as text"))
    return CaptionedRow(filename, tuple(texts), node.place, node)


def _of_lines(file: AnnotationFile, rejections: Rejections) -> Iterator[CaptionedRow]:
    for place, line in numbered_lines(file, rejections):
        with rejections.guard():
            name, tab, caption = line.partition("\t")
            if not tab:
                raise InputError(f"{place}: got {line[:80]!r}; needed is file<TAB>caption")
            check_text(name, place, "a file name")
            texts: list[str] = []
            with rejections.guard():
                texts.append(check_text(caption, place, "a caption"))
            yield CaptionedRow(name, tuple(texts), place, Node({}, place))


def _file_column(columns: Collection[str], place: str) -> str:
    found = next((name for name in FILE_COLUMNS if name in columns), None)
    if found is None:
        raise no_column(place, FILE_COLUMNS[0], columns)
    return found
