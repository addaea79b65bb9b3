"""Layout of a corpus table, guessed from the names of its columns and its first row."""

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass

from tasks.corpora.captioned_rows import FILE_COLUMNS
from tasks.corpora.label_column import LABEL_NAMES, likely_label
from tasks.corpora.reading.sidecars import IMAGE_SUFFIXES

__all__ = ["CorpusGuess", "first_row", "guess_of_row", "label_field"]

_CAPTIONS = ("caption", "captions", "text", "sentence", "description", "title")
_TEXT_PAIRS = (
    ("sentence1", "sentence2"),
    ("question1", "question2"),
    ("text1", "text2"),
    ("premise", "hypothesis"),
    ("question", "answer"),
)


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


def first_row(text: str, name: str) -> Mapping[str, object]:
    """Columns of a table and what its first row says; nothing where this is no table.

    Parameters
    ----------
    text
        Beginning of the file, without a byte order mark.
    name
        Of the file: its ending tells the kind.
    """
    if name.endswith((".json", ".jsonl")):
        return _first_object(text.lstrip("[ \t\r\n"))
    header, _, rest = text.partition("\n")
    delimiter = max(",|\t", key=header.count) if name.endswith((".csv", ".tsv")) else ","
    columns = [column.strip() for column in next(csv.reader([header.strip()], delimiter=delimiter), [])]
    values = next(csv.reader([rest.partition("\n")[0].strip()], delimiter=delimiter), [])
    return dict(zip(columns, [*values, *[""] * len(columns)], strict=False))


def guess_of_row(row: Mapping[str, object], name: str) -> CorpusGuess | None:
    """Layout of a table with such a first row; None if no layout has these columns."""
    seen = f"{name}: columns {', '.join(row)}"
    if {"query", "candidate"} <= row.keys():
        return CorpusGuess(_kind_of_pairs(row), seen, label_field(row))
    for left, right in _TEXT_PAIRS:
        if {left, right} <= row.keys():
            fields = (("left_column", left), ("right_column", right), *label_field(row))
            return CorpusGuess("text_pairs", seen, fields)
    if {"image_name", "comment"} <= row.keys():
        return CorpusGuess("flickr30k", seen, (("split", "all"),))
    if {"raw", "sentids", "filename"} <= row.keys():
        return CorpusGuess("flickr30k", seen)
    if not row.keys().isdisjoint(FILE_COLUMNS):
        return CorpusGuess("folder", seen, _caption_field(row))
    return None


def label_field(columns: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """The column of labels of a table of pairs, where it has another name than the default."""
    label = likely_label(columns)
    return () if label is None or label == LABEL_NAMES[0] else (("label_column", label),)


def _caption_field(columns: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    column = next((known for known in _CAPTIONS if known in columns), "caption")
    return () if column == "caption" else (("caption_column", column),)


def _kind_of_pairs(row: Mapping[str, object]) -> str:
    """Pairs of texts only where the first query has spaces and no ending of an image."""
    query = str(row["query"])
    is_name = query.lower().endswith(tuple(IMAGE_SUFFIXES)) or " " not in query.strip()
    return "image_pairs" if is_name else "text_pairs"


def _first_object(text: str) -> Mapping[str, object]:
    try:
        row, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return {}
    return {str(key): value for key, value in row.items()} if isinstance(row, dict) else {}
