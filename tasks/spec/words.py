"""Types of fields and columns in the words of the documentation."""

from collections.abc import Mapping, Sequence
from types import NoneType, UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

import pyarrow as pa
from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from tasks.parameters import Known

__all__ = ["column_words", "field_words"]

_ARROW: Mapping[str, str] = {"float": "float32", "double": "float64"}
"""Arrow's own names hide the width."""

_PLAIN: Mapping[object, str] = {str: "text", int: "integer", float: "number", bool: "true or false"}

_BOUNDS: tuple[tuple[type, str, str], ...] = (
    (Ge, "ge", "at least {}"),
    (Gt, "gt", "above {}"),
    (Le, "le", "at most {}"),
    (Lt, "lt", "below {}"),
    (MinLen, "min_length", "at least {} of them"),
    (MaxLen, "max_length", "at most {} characters"),
)


def column_words(kind: pa.DataType) -> str:
    """Say what a column of a table holds."""
    if isinstance(kind, pa.ListType):
        return f"list of {column_words(kind.value_type)}"
    return _ARROW.get(str(kind), str(kind))


def field_words(info: FieldInfo) -> str:
    """Say what a field of the spec may be: its type, its choices, its bounds."""
    return _words(info.annotation, info.metadata)


def _words(kind: object, metadata: Sequence[object]) -> str:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Annotated:
        nested = [m for part in inner[1:] for m in (part.metadata if isinstance(part, FieldInfo) else [part])]
        return _words(inner[0], [*nested, *metadata])
    if origin is Literal:
        return " or ".join(f"`{choice}`" for choice in inner)
    if origin in {Union, UnionType}:
        kinds = " or ".join(_words(part, metadata) for part in inner if part is not NoneType)
        return f"{kinds}, or `null`"
    if origin is tuple:
        of = _words(inner[0], [])
        return f"list of {of}{_bounds(metadata)}" if inner[-1] is ... else f"{len(inner)} times {of}"
    model = inner[1] if origin is dict else kind
    if isinstance(model, type) and issubclass(model, BaseModel):
        head = "mapping of names to" if origin is dict else "section of"
        return f"{head} {', '.join(f'`{name}`' for name in model.model_fields)}"
    names = next((one.names for one in metadata if isinstance(one, Known)), ())
    return " or ".join(f"`{name}`" for name in names) or _PLAIN[kind] + _bounds(metadata)


def _bounds(metadata: Sequence[object]) -> str:
    found = [
        text.format(_limit(getattr(entry, attribute)))
        for entry in metadata
        for kind, attribute, text in _BOUNDS
        if isinstance(entry, kind)
    ]
    patterns = [getattr(entry, "pattern", None) for entry in metadata]
    return "".join(f", {text}" for text in [*found, *(f"matching `{p}`" for p in patterns if p)])


def _limit(value: object) -> str:
    if value == 2**63:
        return "2^63"
    return f"{value:,}" if isinstance(value, int) else str(value)
