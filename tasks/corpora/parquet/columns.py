"""Columns of a corpus in Parquet files: found by name, also inside structs, and their texts decoded."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.fields import CorpusFields
from tasks.corpora.reading.annotation_rows import no_column
from tasks.corpora.reading.listing import ALL_SPLITS

__all__ = [
    "SPLIT_COLUMN",
    "RowColumns",
    "check_tag_type",
    "column_values",
    "find_columns",
    "is_text",
    "list_value",
    "require_column",
    "texts",
]

SPLIT_COLUMN = "split"
"""Column of text with the splits of rows."""


@dataclass(frozen=True, slots=True)
class RowColumns:
    """Columns that hold captions, ids and splits of rows."""

    captions: tuple[str, ...]
    """One column, or ``caption_0``, ``caption_1``, ... in the order of their numbers."""
    identifier: str
    """Empty where rows are numbered."""
    split: str
    """Empty where there is no such column, or all splits are wanted."""
    tags: tuple[str, ...] = ()
    """Columns that are kept as tags."""
    objects: str = ""
    """Column of objects; empty where none is read."""

    @property
    def names(self) -> list[str]:
        """All of them, each once."""
        return list(
            dict.fromkeys(
                name
                for name in (*self.captions, self.identifier, self.split, *self.tags, self.objects)
                if name
            )
        )

    def read(self, schema: pa.Schema) -> list[str]:
        """Names to request from a Parquet file: a field inside lists needs the whole list column."""
        return [_path(schema, name)[0] if _in_list(schema, name) else name for name in self.names]


def find_columns(schema: pa.Schema, asked: CorpusFields, place: str) -> RowColumns:
    """Find the columns of captions, ids, splits and tags.

    Parameters
    ----------
    schema
        Columns of the file.
    asked
        Section ``corpus`` of the spec.
    place
        Name of the file, for messages.

    Returns
    -------
    RowColumns
        Names of the columns; no split column where every split is wanted or the column is no text.

    Raises
    ------
    InputError
        If one that was asked for is absent or holds something else.
    """
    captions = _caption_columns(schema, asked.caption_column)
    for name in captions:
        kind = require_column(schema, name, "caption_column", place)
        if not is_text(kind) and not is_text(list_value(kind)):
            raise InputError(f"{place}: column {name!r} holds {kind}; needed is string or list of string")
    if asked.id_column:
        ids = require_column(schema, asked.id_column, "id_column", place)
        if not (is_text(ids) or pa.types.is_integer(_decoded(ids))):
            raise InputError(f"{place}: column {asked.id_column!r} holds {ids}; needed are words or integers")
    tells = asked.split != ALL_SPLITS and is_text(_type(schema, SPLIT_COLUMN))
    for name in asked.tags:
        check_tag_type(require_column(schema, name, "tags", place), name, place)
    split = SPLIT_COLUMN if tells else ""
    return RowColumns(captions, asked.id_column, split, asked.tags, asked.object_column)


def check_tag_type(kind: pa.DataType, name: str, place: str) -> None:
    """Refuse a column that cannot be a tag.

    Parameters
    ----------
    kind
        Type of the column.
    name, place
        Column and file, for the message.

    Raises
    ------
    InputError
        If it holds structs, maps or bytes, or lists of them.
    """
    value = _decoded(kind)
    value = list_value(value) or value
    binary = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_fixed_size_binary)
    if pa.types.is_nested(value) or any(one(value) for one in binary):
        raise InputError(f"{place}: column {name!r} holds {kind}; needed are words, numbers or lists of them")


def _caption_columns(schema: pa.Schema, name: str) -> tuple[str, ...]:
    if _type(schema, name) is not None:
        return (name,)
    numbered = {
        other.removeprefix(name).removeprefix("_"): other
        for other in schema.names
        if other.startswith(name) and other.removeprefix(name).removeprefix("_").isdecimal()
    }
    return tuple(numbered[number] for number in sorted(numbered, key=int)) or (name,)


def require_column(schema: pa.Schema, name: str, parameter: str, place: str) -> pa.DataType:
    """Type of a column, or of a field of structs, or of lists of them, by a path like ``meta.caption``.

    Parameters
    ----------
    schema
        Columns of the file.
    name
        Column, or path of a field.
    parameter
        Field of the section ``corpus`` that named it, for the message.
    place
        Name of the file, for the message.

    Returns
    -------
    pa.DataType
        Type of the column or field.

    Raises
    ------
    InputError
        If there is none; the message has the columns there are.
    """
    kind = _type(schema, name)
    if kind is None:
        raise no_column(f"{place} (corpus.{parameter})", name, schema.names)
    if schema.names.count(name) > 1:
        raise InputError(f"{place}: column {name!r} occurs {schema.names.count(name)} times; needed is one")
    return kind


def column_values(batch: pa.RecordBatch | pa.Table, name: str) -> pa.Array | pa.ChunkedArray:
    """Values of a column, or of a field of structs; null where a struct around it is null.

    Parameters
    ----------
    batch
        Rows that were read.
    name
        Column, or path of a field.

    Returns
    -------
    pa.Array | pa.ChunkedArray
        One value a row.
    """
    top, fields = _path(batch.schema, name)
    values = batch.column(top)
    for field in fields:
        if list_value(values.type) is None:
            values = values.flatten()[values.type.get_field_index(field)]
        else:
            values = _field_of_lists(values, field)
    return values


def _field_of_lists(values: pa.Array, field: str) -> pa.Array:
    """One field of lists of structs, as lists."""
    items = values.flatten()
    lengths = values.value_lengths().fill_null(0).to_pylist()
    offsets = pa.array([0, *accumulate(lengths)], pa.int32())
    return pa.ListArray.from_arrays(
        offsets, items.flatten()[items.type.get_field_index(field)], mask=values.is_null()
    )


def texts(values: pa.Array | pa.ChunkedArray) -> list[object]:
    """Values as Python has them; bytes that are not UTF-8 become lone surrogates."""
    try:
        return values.to_pylist()
    except UnicodeDecodeError:
        return [_escaped(value) for value in values]


def is_text(kind: pa.DataType | None) -> bool:
    """Return whether a type is that of strings, however they are encoded, or of nothing but nulls."""
    if kind is None:
        return False
    value = _decoded(kind)
    return (
        pa.types.is_string(value)
        or pa.types.is_large_string(value)
        or pa.types.is_string_view(value)
        or pa.types.is_null(value)
    )


def list_value(kind: pa.DataType) -> pa.DataType | None:
    """Type of the elements of a column of lists."""
    is_list = (
        pa.types.is_list,
        pa.types.is_large_list,
        pa.types.is_fixed_size_list,
        pa.types.is_list_view,
        pa.types.is_large_list_view,
    )
    return kind.value_type if any(one(kind) for one in is_list) else None


def _decoded(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def _type(schema: pa.Schema, name: str) -> pa.DataType | None:
    top, fields = _path(schema, name)
    if top not in schema.names:
        return None
    kind = schema.field(schema.names.index(top)).type
    for field in fields:
        inside = list_value(kind)
        struct = kind if inside is None else inside
        if not pa.types.is_struct(struct) or struct.get_field_index(field) < 0:
            return None
        found = struct.field(field).type
        kind = found if inside is None else pa.list_(found)
    return kind


def _in_list(schema: pa.Schema, name: str) -> bool:
    top, fields = _path(schema, name)
    beginnings = (".".join((top, *fields[:end])) for end in range(len(fields)))
    return any(list_value(kind) is not None for kind in map(partial(_type, schema), beginnings) if kind)


def _path(schema: pa.Schema, name: str) -> tuple[str, Sequence[str]]:
    """The longest beginning of a name that is a column, and the fields of structs after it."""
    parts = name.split(".")
    for end in range(len(parts), 0, -1):
        if ".".join(parts[:end]) in schema.names:
            return ".".join(parts[:end]), parts[end:]
    return name, ()


def _escaped(value: pa.Scalar) -> object:
    if isinstance(
        value, pa.ListScalar | pa.ListViewScalar | pa.LargeListViewScalar
    ):  # the first of all others
        return None if value.values is None else list(_escaped_all(value.values))
    if isinstance(value, pa.StructScalar):
        return {name: _escaped(one) for name, one in value.items()} if value.is_valid else None
    try:
        return value.as_py()
    except UnicodeDecodeError:
        return value.cast(pa.binary()).as_py().decode(errors="surrogateescape")


def _escaped_all(values: pa.Array) -> Iterator[object]:
    for value in values:
        yield _escaped(value)
