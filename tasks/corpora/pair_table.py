"""Tables of judged pairs: a query, a candidate, and whether it answers, in a row."""

import math
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import cast

import pyarrow as pa

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import Tags, merged_tags
from tasks.corpora.fields import CorpusFields
from tasks.corpora.label_column import check_label
from tasks.corpora.parquet.columns import check_tag_type
from tasks.corpora.parquet.tables import open_table, require_column
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.annotation_rows import Row, csv_rows, tsv_rows
from tasks.corpora.reading.json_document import Node, json_lines
from tasks.corpora.reading.listing import ALL_SPLITS, no_split, refuse_split, with_rejections
from tasks.corpora.reading.tags import TagColumns
from tasks.corpora.rejections import Rejections

__all__ = ["PAIR_FIELDS", "JudgedRow", "Judgements", "judged_rows"]

PAIR_FIELDS = ("left_column", "right_column", "label_column", "relevant_above")
"""Fields of the spec that say how a table of pairs is read."""

_TRUTH = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class JudgedRow:
    """One row: whether a candidate answers a query."""

    number: int
    """From 0, rows of all splits counted."""
    query: str
    candidate: str
    query_id: str | None
    candidate_id: str | None
    relevant: bool | None
    """None where the row says nothing of it: a match if no row of the table does."""
    split: str | None
    place: str
    query_tags: Tags
    candidate_tags: Tags


class Judgements:
    """Queries and candidates in the order of their first appearance, and what was said of each pair.

    Parameters
    ----------
    url
        The table.
    limit
        Largest number of queries; None takes all.
    """

    def __init__(self, url: str, limit: int | None) -> None:
        self.queries: dict[str, int] = {}
        self.candidates: dict[str, int] = {}
        self.rejections = Rejections(url.rpartition("/")[2])
        self.query_tags: dict[str, Tags] = {}
        self.candidate_tags: dict[str, Tags] = {}
        self._judged: dict[tuple[int, int], bool] = {}
        self._unlabelled: dict[tuple[int, int], str] = {}
        self._labelled = False
        self._url = url
        self._limit = limit

    def wants(self, query: str) -> bool:
        """Return whether a row of this query is still within the limit."""
        return query in self.queries or len(self.queries) != self._limit

    def add(self, query: str, candidate: str, row: "JudgedRow") -> None:
        """Take a row.

        Parameters
        ----------
        query, candidate
            Identities of the two sides of the row.
        row
            Whether the two match, and the tags of both.

        Raises
        ------
        ItemError
            If the pair was added before.
        """
        pair = (
            self.queries.setdefault(query, len(self.queries)),
            self.candidates.setdefault(candidate, len(self.candidates)),
        )
        if pair in self._judged:
            raise ItemError(
                FailureReason.DUPLICATE,
                f"{row.place}: query {query!r} and candidate {candidate!r} are listed together already; each"
                " pair may be listed once",
            )
        self._judged[pair] = row.relevant is not False
        for tags, name, more in (
            (self.query_tags, query, row.query_tags),
            (self.candidate_tags, candidate, row.candidate_tags),
        ):
            tags[name] = merged_tags((tags.get(name, ()), more))
        if row.relevant is None:
            self._unlabelled[pair] = row.place
        else:
            self._labelled = True

    def relevance(self) -> tuple[tuple[int, int], ...]:
        """Pairs that match, InputError if none; rows without a label are rejected where others have one."""
        if self._labelled:
            for pair, place in self._unlabelled.items():
                self._judged[pair] = False
                self.rejections.add(FailureReason.EMPTY, _no_label(place))
            self._unlabelled.clear()
        found = tuple(pair for pair, relevant in self._judged.items() if relevant)
        if not found:
            raise InputError(
                f"{self._url}: of {len(self._judged):,} rows none is relevant, so there is no pair to"
                " explain; needed is a relevance above corpus.relevant_above"
                f"{with_rejections(self.rejections)}"
            )
        return found


def judged_rows(asked: CorpusFields, rejections: Rejections) -> Iterator[JudgedRow]:
    """Rows of the asked split; what cannot be used is rejected.

    Parameters
    ----------
    asked
        Section ``corpus`` of the spec.
    rejections
        Receives the rows that cannot be used.

    Yields
    ------
    Iterator[JudgedRow]
        Usable rows in the file's order.

    Raises
    ------
    InputError
        If the table cannot be used: it is of another kind, or has no such column, split or row.
    StorageError
        If the transport fails.
    """
    file = AnnotationFile.find(asked.annotations)
    counts: Counter[str] = Counter()
    tags = TagColumns(asked.tags, file.url)
    columns: dict[str, None] = {}
    taken = False
    for number, node in enumerate(_nodes(file, asked, columns, rejections)):
        with rejections.guard():
            row = _judged(number, node, asked, tags)
            counts.update([row.split] if row.split else ())
            if asked.split in {row.split, ALL_SPLITS}:
                taken = True
                yield row
    if columns and "split" not in columns:
        refuse_split(file.url, asked.split)
    if not columns and not rejections.found:
        raise InputError(f"{file.url}: has no rows; needed is at least one of a query and a candidate")
    if not taken and counts:
        raise no_split(file.url, asked.split, counts, "row")
    tags.check(columns)
    check_label(file.url, asked, columns)


def _nodes(
    file: AnnotationFile, asked: CorpusFields, columns: dict[str, None], rejections: Rejections
) -> Iterator[Node]:
    """Rows; the columns that were seen are noted in ``columns``."""
    suffix = file.name.rpartition(".")[2].lower()
    needed = (asked.left_column, asked.right_column)
    if suffix in {"csv", "tsv"}:
        rows = csv_rows(file, rejections) if suffix == "csv" else tsv_rows(file, rejections)
        return _of_rows(rows, needed, columns)
    if suffix == "jsonl":
        return _of_lines(json_lines(file, rejections), columns)
    if suffix == "parquet":
        return _of_parquet(file, asked, columns)
    raise InputError(f"{file.url}: needed is a table ending in .csv, .tsv, .jsonl or .parquet")


def _of_lines(nodes: Iterator[Node], columns: dict[str, None]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node.value, dict):
            columns.update(dict.fromkeys(node.value))
        yield node


def _of_rows(rows: Iterator[Row], needed: tuple[str, str], columns: dict[str, None]) -> Iterator[Node]:
    for row in rows:
        columns.update(dict.fromkeys(row.values))
        for column in needed:
            row.check(column)
        # An empty field is an absent value: such tables have no other way to say so. A text may be empty.
        values = {name: value if value or name in needed else None for name, value in row.values.items()}
        yield Node(values, row.place)


def _of_parquet(file: AnnotationFile, asked: CorpusFields, columns: dict[str, None]) -> Iterator[Node]:
    left, right = asked.left_column, asked.right_column
    with open_table(file.storage, file.storage.stat(file.name)) as table:
        names = table.schema_arrow.names
        for column in (left, right):
            require_column(table.schema_arrow, column, "annotations", file.url)
        for column in set(asked.tags) & set(names):
            check_tag_type(table.schema_arrow.field(column).type, column, file.url)
        wanted = dict.fromkeys(
            (left, right, f"{left}_id", f"{right}_id", asked.label_column, "split", *asked.tags)
        )
        number = 0
        for batch in table.iter_batches(columns=[name for name in wanted if name in names]):
            columns.update(dict.fromkeys(names))
            for row in _plain(batch):
                yield Node(row, f"{file.url}, row {number}")
                number += 1


def _plain(batch: pa.RecordBatch) -> list[dict[str, object]]:
    return batch.to_pylist()


def _judged(number: int, node: Node, asked: CorpusFields, tags: TagColumns) -> JudgedRow:
    left, right = asked.left_column, asked.right_column
    query, candidate = (
        node.field(name, f"the {name}").text("a text or a file name") for name in (left, right)
    )
    ids = [node.optional(f"{name}_id") for name in (left, right)]
    label = node.optional(asked.label_column) if asked.label_column else None
    if label is None and asked.label_column in cast("dict[str, object]", node.value):
        raise ItemError(FailureReason.EMPTY, _no_label(node.place))
    split = node.optional("split")
    if split is None and asked.split != ALL_SPLITS:
        raise InputError(f"{node.place}: 'split' is absent; needed is the name of its split")
    return JudgedRow(
        number=number,
        query=query,
        candidate=candidate,
        query_id=ids[0].identifier() if ids[0] else None,
        candidate_id=ids[1].identifier() if ids[1] else None,
        relevant=None if label is None else _number(label, asked.relevant_above) > asked.relevant_above,
        split=split.text("a split's name") if split else None,
        place=node.place,
        query_tags=tags.read(node, _of_side(asked.tags, left, right)),
        candidate_tags=tags.read(node, _of_side(asked.tags, right, left)),
    )


def _of_side(names: Collection[str], own: str, other: str) -> list[str]:
    """Columns that describe one side: ``query_type`` the query alone, ``type`` both.

    Where both prefixes fit, as of columns ``text`` and ``text_b``, the longer one decides.
    """
    sides = {name: [side for side in (own, other) if name.startswith(f"{side}_")] for name in names}
    return [name for name, found in sides.items() if max(found, key=len, default=own) == own]


def _no_label(place: str) -> str:
    return (
        f"{place}: has no label though the table has them, so that a match cannot be distinguished from none"
    )


def _number(node: Node, bound: float) -> float:
    value = node.value
    if isinstance(value, str):
        value = _TRUTH.get(value.strip().lower(), value)
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            value = math.nan
    if isinstance(value, bool):
        value = int(value)
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise node.wrong(f"a number; above {bound:g} is relevant")
    return value
