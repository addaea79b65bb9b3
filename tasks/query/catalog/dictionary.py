"""Dictionary of all tables and views as a table: a row for each column."""

from collections.abc import Iterator
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq

from tasks.query.registry import VIEWS
from tasks.spec.words import column_words
from tasks.tables import TABLES
from tasks.tables.comparisons import STORED_COMPARISONS

__all__ = ["dictionary_bytes", "dictionary_table"]

_SCHEMA = pa.schema(
    {
        "table": pa.string(),
        "column": pa.string(),
        "type": pa.string(),
        "unit": pa.string(),
        "meaning": pa.string(),
        "key": pa.bool_(),
        "nullable": pa.bool_(),
        "is_view": pa.bool_(),
        "stage": pa.string(),
    }
)


def dictionary_table() -> pa.Table:
    """Columns of all tables and views, in their order; unit is NULL where there is none, stage of views."""
    return pa.Table.from_pylist([*_of_tables(), *_of_views()], schema=_SCHEMA)


def dictionary_bytes() -> bytes:
    """Dictionary as a Parquet file."""
    sink = BytesIO()
    pq.write_table(dictionary_table(), sink, compression="zstd")
    return sink.getvalue()


def _of_tables() -> Iterator[dict[str, object]]:
    for table in (*TABLES.values(), STORED_COMPARISONS):
        for column in table.columns:
            yield {
                "table": table.name,
                "column": column.name,
                "type": column_words(column.type),
                "unit": column.unit or None,
                "meaning": column.meaning,
                "key": column.name in table.key,
                "nullable": table.schema.field(column.name).nullable,
                "is_view": False,
                "stage": table.stage,
            }


def _of_views() -> Iterator[dict[str, object]]:
    for view in VIEWS.values():
        for column in view.columns:
            yield {
                "table": view.name,
                "column": column.name,
                "type": column_words(column.type),
                "unit": column.unit or None,
                "meaning": column.meaning,
                "key": False,
                "nullable": True,
                "is_view": True,
                "stage": None,
            }
