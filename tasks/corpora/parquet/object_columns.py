"""Columns of objects in Parquet files: their types, and the names of numbered classes of Hugging Face."""

import json
from collections.abc import Iterator

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.corpora.parquet.columns import list_value, require_column
from tasks.corpora.reading.object_boxes import OBJECT_BOXES, OBJECT_NAMES

__all__ = ["check_object_column", "class_names"]

_METADATA_CHARACTERS = 2**22


def check_object_column(schema: pa.Schema, name: str, place: str) -> None:
    """Refuse a column that cannot hold objects.

    Parameters
    ----------
    schema
        Columns of the file.
    name
        Column, or path of a field.
    place
        Name of the file, for the message.

    Raises
    ------
    InputError
        If it is absent, or holds no structs of boxes and names.
    """
    kind = require_column(schema, name, "object_column", place)
    struct = list_value(kind) or kind
    members = [field.name for field in struct] if pa.types.is_struct(struct) else []
    is_both = not (set(members).isdisjoint(OBJECT_BOXES) or set(members).isdisjoint(OBJECT_NAMES))
    if not is_both or len(set(members)) < len(members):
        raise InputError(
            f"{place}: column {name!r} holds {kind}; needed are structs of {OBJECT_BOXES[0]!r} and"
            f" {OBJECT_NAMES[0]!r}, or one of lists of these"
        )


def class_names(schema: pa.Schema, name: str) -> tuple[str, ...]:
    """Names of the classes of objects that are numbers, as Hugging Face datasets write them into a file.

    Parameters
    ----------
    schema
        Columns of the file, with its metadata.
    name
        Column of objects.

    Returns
    -------
    tuple[str, ...]
        In the order of their numbers; empty where the file has none.
    """
    written = (schema.metadata or {}).get(b"huggingface", b"")
    if len(written) > _METADATA_CHARACTERS:
        return ()
    try:
        found: object = json.loads(written or b"null")
    except (ValueError, RecursionError):
        return ()
    for member in ("info", "features", name):
        found = found.get(member) if isinstance(found, dict) else None
    for features in _inside(found):
        for member in OBJECT_NAMES:
            kind = features.get(member)
            names = kind.get("names") if isinstance(kind, dict) else None
            if isinstance(names, list) and all(isinstance(one, str) for one in names):
                return tuple(names)
    return ()


def _inside(features: object) -> Iterator[dict[str, object]]:
    """Features of objects, which versions of the library wrap in a list or in ``feature``."""
    if isinstance(features, list) and len(features) == 1:
        features = features[0]
    if isinstance(features, dict):
        yield features
        if isinstance(features.get("feature"), dict):
            yield features["feature"]
