"""Guess of a corpus of Parquet files: split and columns, by their names and the first one's columns."""

from collections.abc import Sequence

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.clues import Clue, Guess, ImagesName, ListedFiles
from tasks.corpora.parquet.columns import SPLIT_COLUMN, is_text, list_value
from tasks.corpora.parquet.splits import split_of_name
from tasks.corpora.parquet.tables import open_table
from tasks.corpora.reading.file_patterns import find_files, parse_pattern
from tasks.storage.storage import Storage, StoredFile

__all__ = ["CAPTION_NAMES", "guess_parquet"]

CAPTION_NAMES = ("caption", "captions", "text", "sentence", "sentences", "description", "title", "raw")
"""Usual names of columns of captions, the likeliest first."""

_IMAGE_NAMES = ("image", "img", "jpg", "png", "picture", "photo", "image_path", "file_name")


_PATTERN = frozenset("*?[{")


def guess_parquet(clue: Clue) -> Guess | None:
    """Recognise Parquet files by their ending.

    Raises
    ------
    InputError
        If a file is named that is not there.
    StorageError
        If the transport fails.
    """
    if isinstance(clue, ImagesName) and clue.text.endswith(".parquet"):
        return Guess("names end in .parquet", _named_fields(clue.text))
    if not isinstance(clue, ListedFiles):
        return None
    tables = [file for file in clue.files if file.key.endswith(".parquet")]
    if not tables or clue.beside:  # img2dataset lays a table without images beside its files
        return None
    return Guess(f"{len(tables)} files end in .parquet", _fields(clue.storage, tables))


def _named_fields(images: str) -> tuple[tuple[str, str], ...]:
    """Fields of one Parquet file, or of a folder that is called like one; a pattern is not looked for."""
    pattern = parse_pattern(images, ".parquet")
    if "/" in pattern.path or not _PATTERN.isdisjoint(pattern.path):
        return ()
    storage = Storage(pattern.root)
    found = find_files(storage, pattern).files
    fields = _fields(storage, found)
    split = split_of_name(found[0].key) if len(found) == 1 else None
    return tuple((name, split or value) if name == "split" else (name, value) for name, value in fields)


def _fields(storage: Storage, files: Sequence[StoredFile]) -> tuple[tuple[str, str], ...]:
    """Fields of ``corpus`` that differ from their defaults; the columns are those of the first file."""
    splits = {split for file in files if (split := split_of_name(file.key))}
    try:
        with open_table(storage, files[0]) as table:
            schema = table.schema_arrow
    except InputError:  # planning says what is wrong with it
        return _split(splits, told=False)
    columns = (
        ("image_column", "image", _image_column(schema)),
        ("caption_column", "caption", _caption_column(schema)),
    )
    told = SPLIT_COLUMN in schema.names and is_text(schema.field(SPLIT_COLUMN).type)
    named = ((field, name) for field, usual, name in columns if name not in {usual, None})
    return (*_split(splits, told=told), *((field, str(name)) for field, name in named))


def _split(splits: set[str], *, told: bool) -> tuple[tuple[str, str], ...]:
    """The usual split where it is there, or rows have a split column; else validation, or all."""
    if "test" in splits or told:
        return ()
    return (("split", next((name for name in ("validation", "val") if name in splits), "all")),)


def _image_column(schema: pa.Schema) -> str | None:
    """A column of one of the usual names, else the first that holds bytes."""
    usual = next((name for name in _IMAGE_NAMES if name in schema.names), None)
    return usual or next((field.name for field in schema if _holds_bytes(field.type)), None)


def _caption_column(schema: pa.Schema) -> str | None:
    texts = [field.name for field in schema if is_text(field.type) or is_text(list_value(field.type))]
    numbered = [name for name in CAPTION_NAMES if any(text.startswith(f"{name}_") for text in texts)]
    return next((name for name in CAPTION_NAMES if name in texts), None) or next(iter(numbered), None)


def _holds_bytes(kind: pa.DataType) -> bool:
    value = (
        kind.field("bytes").type if pa.types.is_struct(kind) and kind.get_field_index("bytes") >= 0 else kind
    )
    return pa.types.is_binary(value) or pa.types.is_large_binary(value)
