"""Parquet parts: checked, sorted rows of one table, the same bytes for the same rows."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from io import BytesIO
from typing import BinaryIO

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ilime_core.errors import InternalError
from tasks.tables import Table

__all__ = ["ROW_GROUP", "empty_table", "is_increasing", "part_bytes", "read_part"]

ROW_GROUP = 131_072


def part_bytes(table: pa.Table, spec: Table) -> bytes:
    """Encode a table as Parquet: cast to its schema, NaN as NULL, sorted by key.

    The file has a page index and names its sorting columns, so that readers skip pages and sort nothing anew.

    Parameters
    ----------
    table
        Rows in any order; nullable columns may be absent.
    spec
        Columns, types and key that it has to have.

    Returns
    -------
    bytes
        The same for the same rows and libraries.

    Raises
    ------
    InternalError
        If a column is unknown or does not fit its type, a column that may not be NULL is, a vector holds a
        value that is not finite, or two rows have one key.
    """
    rows = _sorted(_checked(table, spec), spec)
    reals = [field for field in rows.schema if pa.types.is_floating(_leaf(field.type))]
    others = [field.name for field in rows.schema if field not in reals]
    order = [(name, "ascending") for name in spec.key]
    sink = BytesIO()
    pq.write_table(
        rows,
        sink,
        compression="zstd",
        row_group_size=ROW_GROUP,
        use_dictionary=others,  # pyright: ignore[reportArgumentType] - annotated too narrowly
        column_encoding={_place(field): "BYTE_STREAM_SPLIT" for field in reals},
        write_page_checksum=True,
        write_page_index=True,
        sorting_columns=pq.SortingColumn.from_ordering(rows.schema, order),
    )
    return sink.getvalue()


def read_part(
    stream: BinaryIO, spec: Table, columns: list[str] | None = None, rows: pc.Expression | None = None
) -> pa.Table:
    """Read rows of a part in the types of TABLES; row groups without a wanted row are skipped.

    Parameters
    ----------
    stream
        Parquet file, open for reading.
    spec
        Table that the part is of.
    columns, rows
        Columns and rows to read; None for all.

    Returns
    -------
    pyarrow.Table
        Nullable columns that the part does not have are NULL.

    Raises
    ------
    pyarrow.ArrowException, OSError
        If the part is no Parquet or is damaged.
    """
    # No thread of Arrow may hold the stream: if it frees the stream while the interpreter ends, the process
    # aborts; on a busy machine this happened in one of twenty scripts that only read tables.
    # Bytes in memory are handed over as they are: through a stream of Python, Arrow would copy each column.
    source = pa.BufferReader(stream.getvalue()) if isinstance(stream, BytesIO) else stream
    table = pq.read_table(
        source,
        columns=columns,
        filters=rows,
        page_checksum_verification=True,
        use_threads=False,
        pre_buffer=False,
    )
    wanted = columns if columns is not None else [column.name for column in spec.columns]
    return _filled(table, spec, wanted)


def empty_table(spec: Table, columns: list[str] | None = None) -> pa.Table:
    """Table of a spec without rows.

    Parameters
    ----------
    spec
        Table that it is of.
    columns
        Columns in order; None for all.

    Returns
    -------
    pyarrow.Table
        No rows, in the types of the spec.
    """
    whole = spec.schema
    schema = whole if columns is None else pa.schema([whole.field(name) for name in columns])
    return schema.empty_table()


def is_increasing(table: pa.Table) -> bool:
    """True if every row is greater than the one before it, compared column by column."""
    later: pa.Array = pa.repeat(pa.scalar(value=False), max(table.num_rows - 1, 0))
    for column in reversed(table.columns):
        values = column.combine_chunks()
        before, after = values.slice(0, max(len(values) - 1, 0)), values.slice(1)
        later = pc.or_(pc.greater(after, before), pc.and_(pc.equal(after, before), later))
    return pc.all(later, min_count=0).as_py()


def _checked(table: pa.Table, spec: Table) -> pa.Table:
    unknown = sorted(set(table.column_names) - {column.name for column in spec.columns})
    if unknown:
        raise InternalError(f"table {spec.name} has no column {', '.join(unknown)}")
    table = _filled(table, spec, [column.name for column in spec.columns])
    for column in spec.columns:
        values = table.column(column.name)
        if values.null_count and not table.schema.field(column.name).nullable:
            raise InternalError(
                f"table {spec.name}: {column.name} has {values.null_count} NULL, and may have none"
            )
        if _is_list(table.schema.field(column.name)):
            _check_vectors(pc.list_flatten(values), f"table {spec.name}: a vector of {column.name}")
    return table


def _filled(table: pa.Table, spec: Table, wanted: list[str]) -> pa.Table:
    """Wanted columns in the types of the schema; absent nullable ones are NULL."""
    whole = spec.schema
    schema = pa.schema([whole.field(name) for name in wanted], metadata=whole.metadata)
    columns: list[pa.ChunkedArray] = []
    for field in schema:
        if field.name not in table.column_names:
            if not field.nullable:
                raise InternalError(f"table {spec.name}: column {field.name} is missing")
            columns.append(pa.chunked_array([pa.nulls(table.num_rows, field.type)]))
            continue
        values = table.column(field.name)
        try:
            values = values.cast(field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            raise InternalError(
                f"table {spec.name}: {field.name} is {values.type} and does not fit {field.type}: {error}"
            ) from error
        if pa.types.is_floating(field.type):
            values = pc.if_else(pc.is_nan(values), pa.scalar(None, field.type), values)
        columns.append(values)
    return pa.table(columns, schema=schema)


def _check_vectors(values: pa.ChunkedArray, what: str) -> None:
    finite = pc.all(pc.is_finite(values.cast(pa.float32())), skip_nulls=False).as_py()
    if len(values) and finite is not True:
        raise InternalError(f"{what} holds NaN, an infinity or NULL")


def _sorted(table: pa.Table, spec: Table) -> pa.Table:
    keys = list(spec.key)
    if is_increasing(table.select(keys)):
        return table.combine_chunks()
    table = table.sort_by([(name, "ascending") for name in keys]).combine_chunks()
    if not is_increasing(table.select(keys)):
        counts = table.group_by(keys).aggregate([([], "count_all")])
        twice = counts.filter(pc.field("count_all") > 1).slice(0, 1).drop_columns(["count_all"])
        raise InternalError(f"table {spec.name}: two rows have the key {twice.to_pylist()[0]}")
    return table


def _is_list(field: pa.Field) -> bool:
    return pa.types.is_list(field.type)


def _leaf(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_list(kind) else kind


def _place(field: pa.Field) -> str:
    """Path of the values of a column in Parquet."""
    return f"{field.name}.list.element" if _is_list(field) else field.name
