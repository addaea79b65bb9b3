"""Rows of Parquet files whose image is a file of its own."""

from collections.abc import Iterator
from itertools import repeat

import pyarrow.parquet as pq

from tasks.corpora.parquet.columns import column_values, texts
from tasks.corpora.parquet.tables import ImageColumn, ImageKind, image_column

__all__ = ["image_paths"]


def image_paths(table: pq.ParquetFile, column: str, key: str, place: str) -> Iterator[str | None]:
    """Key of each row's own image file, relative to the root; None for a row that holds bytes, or nothing.

    Parameters
    ----------
    table
        The open file.
    column
        Column of the images.
    key
        The file's key: paths are relative to its folder.
    place
        Name of the file for messages.

    Returns
    -------
    Iterator[str | None]
        One key or None a row.
    """
    found = image_column(table, column, place)
    folder, slash, _ = key.rpartition("/")
    if not found.path:
        return repeat(None)
    paths = _texts(table, found.path) if found.kind is ImageKind.PATH else _paths_of_structs(table, found)
    return (None if path is None else f"{folder}{slash}{path}" for path in paths)


def _texts(table: pq.ParquetFile, column: str) -> Iterator[object]:
    for batch in table.iter_batches(columns=[column]):
        yield from texts(column_values(batch, column))


def _paths_of_structs(table: pq.ParquetFile, column: ImageColumn) -> Iterator[object]:
    """Paths of the rows without bytes: mostly all rows of a row group or none, and its footer knows."""
    for number in range(table.metadata.num_row_groups):
        n_rows = table.metadata.row_group(number).num_rows
        n_null = _nulls(table.metadata.row_group(number), column.leaf)
        if n_null == 0:
            yield from repeat(None, n_rows)
            continue
        paths = texts(column_values(table.read_row_group(number, [column.path]), column.path))
        if n_null != n_rows:
            absent = (
                column_values(table.read_row_group(number, [column.leaf]), column.leaf).is_null().to_pylist()
            )
            paths = [path if gone else None for path, gone in zip(paths, absent, strict=True)]
        yield from paths


def _nulls(group: pq.RowGroupMetaData, leaf: str) -> int | None:
    """Rows of a row group without a value, where its statistics say so."""
    for chunk in map(group.column, range(group.num_columns)):
        if chunk.path_in_schema == leaf and chunk.is_stats_set and chunk.statistics.has_null_count:
            return chunk.statistics.null_count
    return None
