"""Parquet files of a corpus: opened by ranges, their columns checked, and where images lie in them."""

from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum

import pyarrow as pa
import pyarrow.parquet as pq

from ilime_core.errors import InputError
from tasks.corpora.parquet.columns import is_text, require_column
from tasks.corpora.reading.file_heads import HEAD_BYTES, other_kind
from tasks.storage.storage import Storage, StoredFile

__all__ = ["GROUP_BYTES", "ImageColumn", "ImageKind", "image_column", "open_table"]

GROUP_BYTES = 2**30
"""Most bytes of images in a row group, which is the least that can be read."""


class ImageKind(StrEnum):
    """Kind of values in a column of images."""

    BYTES = "bytes"
    STRUCT = "struct"
    PATH = "path"


@dataclass(frozen=True, slots=True)
class ImageColumn:
    """A column of images."""

    name: str
    kind: ImageKind
    leaf: str
    """The column that holds the bytes; the paths where there are none."""
    path: str
    """The column that holds paths; empty where there is none."""


@contextmanager
def open_table(
    storage: Storage, file: StoredFile, footer: pq.FileMetaData | None = None
) -> Generator[pq.ParquetFile]:
    """Open a file; what is found damaged while it is open is refused as bad input.

    Parameters
    ----------
    storage, file
        The file and its root.
    footer
        Metadata of the file if they were read before.

    Yields
    ------
    Generator[pq.ParquetFile]
        Context with the open file.
    """
    place = f"{storage.url}/{file.key}"
    with storage.open(file.key, file.size) as stream:
        try:
            with pq.ParquetFile(stream, metadata=footer) as table:
                yield table
        except (pa.ArrowException, OSError) as error:
            reason = str(error).partition("\n")[0]
            stream.seek(0)
            other = other_kind(stream.read(HEAD_BYTES))
            if other:
                raise InputError(f"{place}: {other}") from error
            raise InputError(f"{place}: is no Parquet file, or damaged ({reason})") from error


def image_column(table: pq.ParquetFile, name: str, place: str) -> ImageColumn:
    """Find out what a column of images holds.

    Parameters
    ----------
    table
        The open file.
    name
        Column of the images, or path of a field.
    place
        Name of the file, for messages.

    Returns
    -------
    ImageColumn
        Kind of the column, and the leaves to read for bytes and for paths.

    Raises
    ------
    InputError
        If there is no such column, it holds something else, or a row group has more than `GROUP_BYTES`.
    """
    kind = require_column(table.schema_arrow, name, "image_column", place)
    fields = {field.name: field.type for field in kind} if pa.types.is_struct(kind) else {}
    path = f"{name}.path" if is_text(fields.get("path")) else ""
    if is_text(kind):
        return ImageColumn(name, ImageKind.PATH, name, name)
    if _is_binary(kind):
        column = ImageColumn(name, ImageKind.BYTES, name, "")
    elif _is_binary(fields.get("bytes")):
        column = ImageColumn(name, ImageKind.STRUCT, f"{name}.bytes", path)
    elif path and ("bytes" not in fields or pa.types.is_null(fields["bytes"])):
        return ImageColumn(name, ImageKind.PATH, path, path)
    else:
        raise InputError(
            f"{place}: column {name!r} holds {kind}; needed is binary, struct<bytes: binary, path: string>,"
            " or string with paths"
        )
    _check_groups(table.metadata, column, place)
    return column


def _check_groups(footer: pq.FileMetaData, column: ImageColumn, place: str) -> None:
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        for chunk in map(group.column, range(group.num_columns)):
            if chunk.path_in_schema == column.leaf and chunk.total_uncompressed_size > GROUP_BYTES:
                raise InputError(
                    f"{place}: row group {number} holds {chunk.total_uncompressed_size:,} bytes of images,"
                    f" and is read as a whole; at most {GROUP_BYTES:,} are: write the file again with"
                    " row_group_size=100"
                )


def _is_binary(kind: pa.DataType | None) -> bool:
    if kind is None:
        return False
    value = kind.value_type if pa.types.is_dictionary(kind) else kind
    return pa.types.is_binary(value) or pa.types.is_large_binary(value) or pa.types.is_binary_view(value)
