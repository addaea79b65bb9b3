"""Columns of any kind as rows of a table, in the order of its key."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from tasks.tables import TABLES

__all__ = ["typed_table"]


def typed_table(name: str, columns: Mapping[str, object]) -> pa.Table:
    """Cast columns to the types of a table, and sort its rows.

    Parameters
    ----------
    name
        Name of the table.
    columns
        Array or list by name of the column.

    Returns
    -------
    pyarrow.Table
        All columns of the table.
    """
    schema = TABLES[name].schema
    arrays = [_array(columns[field.name], field.type) for field in schema]
    table = pa.Table.from_arrays(arrays, schema=schema)
    return table.sort_by([(one, "ascending") for one in TABLES[name].key])


def _array(values: Any, kind: pa.DataType) -> pa.Array | pa.ChunkedArray:
    return values.cast(kind) if isinstance(values, pa.ChunkedArray | pa.Array) else pa.array(values, kind)
