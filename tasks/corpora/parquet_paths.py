"""Rows of Parquet files whose image is a file of its own."""

from collections.abc import Iterator
from itertools import repeat

import pyarrow.parquet as pq

from tasks.corpora.parquet_tables import ImageColumn, ImageKind, image_column, leaf_values

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
    """
    found = image_column(table, column, place)
    folder, slash, _ = key.rpartition("/")
    if found.kind is ImageKind.BYTES:
        return repeat(None)
    paths = _texts(table, column) if found.kind is ImageKind.PATH else _paths_of_structs(table, found)
    return (None if path is None else f"{folder}{slash}{path}" for path in paths)


def _texts(table: pq.ParquetFile, column: str) -> Iterator[str | None]:
    for batch in table.iter_batches(columns=[column]):
        yield from batch.column(0).to_pylist()


def _paths_of_structs(table: pq.ParquetFile, column: ImageColumn) -> Iterator[str | None]:
    """Paths of the rows without bytes: mostly all rows of a row group or none, and its footer knows."""
    has_paths = table.schema_arrow.field(column.name).type.get_field_index("path") >= 0
    for number in range(table.metadata.num_row_groups):
        n_rows = table.metadata.row_group(number).num_rows
        n_null = _nulls(table.metadata.row_group(number), column.leaf)
        if n_null == 0 or not has_paths:
            yield from repeat(None, n_rows)
            continue
        paths = leaf_values(table.read_row_group(number, [f"{column.name}.path"]).column(0)).to_pylist()
        if n_null != n_rows:
            chunks = table.read_row_group(number, [column.leaf]).column(0)
            absent = leaf_values(chunks).is_null().to_pylist()
            paths = [path if gone else None for path, gone in zip(paths, absent, strict=True)]
        yield from paths


def _nulls(group: pq.RowGroupMetaData, leaf: str) -> int | None:
    """Rows of a row group without a value, where its statistics say so."""
    for chunk in map(group.column, range(group.num_columns)):
        if chunk.path_in_schema == leaf and chunk.is_stats_set and chunk.statistics.has_null_count:
            return chunk.statistics.null_count
    return None
