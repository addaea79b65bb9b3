"""Pairs that a team's own system names: a CSV with the columns left and right, read when a run is planned."""

from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.corpus import Entry
from tasks.corpora.reading.annotation_file import AnnotationFile
from tasks.corpora.reading.annotation_rows import Row, csv_rows
from tasks.corpora.rejections import Rejections

__all__ = ["PAIR_SCHEMA", "entry_pairs", "read_named_pairs", "rows_by_id"]

PAIR_SCHEMA = pa.schema([("left", pa.int32()), ("right", pa.int32())])
"""Entries of the manifest."""


def entry_pairs(pairs: Iterable[tuple[int, int]]) -> pa.Table:
    """Distinct pairs of manifest entries as a table, in order."""
    return pa.Table.from_pylist(
        [{"left": left, "right": right} for left, right in sorted(set(pairs))], schema=PAIR_SCHEMA
    )


def rows_by_id(entries: Sequence[Entry], rows: Sequence[int]) -> Mapping[str, int]:
    """Entry of the manifest by external id; several ids may be one item.

    Parameters
    ----------
    entries
        Entries of one side.
    rows
        Row of the manifest for each entry.

    Returns
    -------
    Mapping[str, int]
        Manifest rows by external id.
    """
    return {entry.external_id: row for entry, row in zip(entries, rows, strict=True)}


def read_named_pairs(url: str, left: Mapping[str, int], right: Mapping[str, int]) -> pa.Table:
    """Manifest entries of the pairs that a file names by external ids.

    Parameters
    ----------
    url
        Of a CSV; empty for none.
    left, right
        Entries of either side by external id.

    Returns
    -------
    pa.Table
        Rows of `PAIR_SCHEMA`; none without a file.

    Raises
    ------
    InputError
        If the file is absent, no table with these columns, has no row, or names an item that the corpus does
        not have or an item with itself; the message has the line.
    StorageError
        If the transport fails.
    """
    if not url:
        return PAIR_SCHEMA.empty_table()
    file = AnnotationFile.find(url)
    rejections = Rejections(file.name)
    pairs = [_pair(row, left, right) for row in csv_rows(file, rejections)]
    if rejections.found:
        raise InputError(f"pairs.listed: {rejections.found[0].message}")
    if not pairs:
        raise InputError(f"pairs.listed: {file.url}: has no row below its header; needed are left,right")
    return entry_pairs(pairs)


def _pair(row: Row, left: Mapping[str, int], right: Mapping[str, int]) -> tuple[int, int]:
    found = [_entry(row, column, known) for column, known in (("left", left), ("right", right))]
    if found[0] == found[1]:
        raise InputError(f"pairs.listed: {row.place}: names one item twice, and nothing answers itself")
    return found[0], found[1]


def _entry(row: Row, column: str, known: Mapping[str, int]) -> int:
    if column not in row.values:
        raise InputError(
            f"pairs.listed: {row.place}: there is no column {column!r}; needed are left and right, with"
            f" external ids. Found: {', '.join(map(repr, row.values))}."
        )
    name = row.values[column]
    if name not in known:
        example = next(iter(known), "")
        raise InputError(
            f"pairs.listed: {row.place}: {column} {name!r} is no item of the corpus, as split and limit cut"
            f" it; needed are external ids, like {example!r}"
        )
    return known[name]
