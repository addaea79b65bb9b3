"""Reader of visual search: which images answer which, in a table of query, candidate and relevance."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.annotation_file import AnnotationFile, numbered_lines
from tasks.corpora.annotation_rows import csv_rows
from tasks.corpora.corpus import Corpus, CorpusFormat, ImageEntry
from tasks.corpora.json_document import Node, read_line
from tasks.corpora.listing import ALL_SPLITS, image_key, no_split, refuse_split
from tasks.corpora.parquet_tables import open_table, require_column
from tasks.corpora.stored_images import StoredImages
from tasks.storage import Storage

__all__ = ["IMAGE_PAIRS", "read_image_pairs"]

_NEEDED = ("query", "candidate")
_COLUMNS = (*_NEEDED, "relevance", "split")


def read_image_pairs(annotations: str, images: str, split: str, limit: int | None = None) -> Corpus:
    """List the queries and the candidates of a table, each in the order in which they first appear.

    Parameters
    ----------
    annotations
        URL or path of a table ending in ``.csv``, ``.jsonl`` or ``.parquet`` with the columns query and
        candidate and, where wanted, relevance (above 0 is relevant; absent means all are) and split.
    images
        URL or path of the folder that names in the table are relative to.
    split
        As in the table; ``all`` takes every row, and is all there is where the table has no such column.
    limit
        Take only the first so many queries and their candidates.

    Raises
    ------
    InputError
        If the table cannot be used: the message names the row, what was got and what is needed.
    StorageError
        If the transport fails.
    """
    file = AnnotationFile.find(annotations)
    counts: Counter[str] = Counter()
    listing = _Listing(limit)
    for row in _rows(file):
        if row.split is None:
            refuse_split(file.url, split)
        else:
            counts[row.split] += 1
        if split in {row.split, ALL_SPLITS}:
            listing.add(row)
    if not listing.queries and counts:
        raise no_split(file.url, split, counts)
    relevance = tuple(pair for pair, relevant in listing.judged.items() if relevant)
    if not relevance:
        raise InputError(
            f"{file.url}: of {len(listing.judged):,} rows none is relevant, so there is no pair to explain;"
            " needed is a relevance above 0"
        )
    left, right = (
        tuple(ImageEntry(key, key) for key in side) for side in (listing.queries, listing.candidates)
    )
    return Corpus(left, right, relevance, StoredImages(Storage(images)), split, "image_pairs")


@dataclass(frozen=True, slots=True)
class _Judged:
    """One row: whether a candidate answers a query."""

    query: str
    candidate: str
    relevant: bool
    split: str | None
    place: str


class _Listing:
    """Images by their side, and what was said of each pair."""

    def __init__(self, limit: int | None) -> None:
        self.queries: dict[str, int] = {}
        self.candidates: dict[str, int] = {}
        self.judged: dict[tuple[int, int], bool] = {}
        self._limit = limit

    def add(self, row: _Judged) -> None:
        if row.query not in self.queries and len(self.queries) == self._limit:
            return
        query, candidate = (image_key(name, row.place) for name in (row.query, row.candidate))
        if row.relevant and query == candidate:
            raise InputError(f"{row.place}: {query!r} is to answer itself; needed are two images")
        pair = (
            self.queries.setdefault(query, len(self.queries)),
            self.candidates.setdefault(candidate, len(self.candidates)),
        )
        if pair in self.judged:
            raise InputError(
                f"{row.place}: query {query!r} and candidate {candidate!r} stand together already; each pair"
                " may stand once"
            )
        self.judged[pair] = row.relevant


def _rows(file: AnnotationFile) -> Iterator[_Judged]:
    suffix = file.name.rpartition(".")[2].lower()
    readers = {"csv": _csv, "jsonl": _jsonl, "parquet": _parquet}
    if suffix not in readers:
        raise InputError(f"{file.url}: needed is a table ending in .csv, .jsonl or .parquet")
    empty = True
    for node in readers[suffix](file):
        empty = False
        yield _judged(node)
    if empty:
        raise InputError(f"{file.url}: has no rows; needed is at least one of a query and a candidate")


def _csv(file: AnnotationFile) -> Iterator[Node]:
    for row in csv_rows(file):
        for column in _NEEDED:
            row.text(column)
        # An empty field is an absent value: CSV has no other way to say so.
        yield Node({name: value or None for name, value in row.values.items()}, row.place)


def _jsonl(file: AnnotationFile) -> Iterator[Node]:
    for place, line in numbered_lines(file):
        yield read_line(line, place)


def _parquet(file: AnnotationFile) -> Iterator[Node]:
    with open_table(file.storage, file.storage.stat(file.name)) as table:
        for column in _NEEDED:
            require_column(table.schema_arrow, column, "annotations", file.url)
        present = [name for name in _COLUMNS if name in table.schema_arrow.names]
        number = 0
        for batch in table.iter_batches(columns=present):
            for row in _plain(batch):
                yield Node(row, f"{file.url}, row {number}")
                number += 1


def _plain(batch: pa.RecordBatch) -> list[dict[str, object]]:
    return batch.to_pylist()


def _judged(node: Node) -> _Judged:
    query, candidate = (node.field(name, f"the {name}'s file name").text("a file name") for name in _NEEDED)
    relevance, split = node.optional("relevance"), node.optional("split")
    relevant = relevance is None or _number(relevance) > 0
    return _Judged(query, candidate, relevant, split.text("a split's name") if split else None, node.place)


def _number(node: Node) -> float:
    value = node.value
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = math.nan
    if isinstance(value, bool):
        value = int(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise node.wrong("a number; above 0 is relevant")
    return value


IMAGE_PAIRS = CorpusFormat(
    "visual search: a table of query, candidate and relevance, both images",
    lambda asked: read_image_pairs(asked.annotations, asked.images, asked.split, asked.limit),
    lambda asked: StoredImages(Storage(asked.images)),
)
