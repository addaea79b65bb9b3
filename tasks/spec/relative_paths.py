"""Relative paths of a spec: every field whose type is a place, in any section."""

import os
from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import Annotated, Union, cast, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ilime_core.errors import InputError
from tasks.parameters import SpecPlace
from tasks.spec import ExplainParameters
from tasks.storage.paths import absolute_path, is_url

__all__ = ["check_places", "place_fields", "settled"]

_PATTERN = frozenset("{*?[")


def settled(tree: Mapping[str, object], folder: str) -> dict[str, object]:
    """Copy of a parsed spec in which relative paths start from a folder; URLs and names stay as they are.

    Any other fault of the tree is left to validation.

    Parameters
    ----------
    tree
        Parsed YAML, not yet validated.
    folder
        Folder of the spec file.

    Returns
    -------
    dict[str, object]
        The copy; ``tree`` is unchanged.
    """
    return cast("dict[str, object]", _settled(tree, ExplainParameters, [], folder))


def _settled(value: object, kind: object, metadata: Sequence[object], folder: str) -> object:
    if get_origin(kind) is Annotated:
        inner, *more = get_args(kind)
        return _settled(value, inner, [*more, *metadata], folder)
    if isinstance(value, str):
        place = next((one for one in metadata if isinstance(one, SpecPlace)), None)
        return value if place is None else _absolute(value, place, folder)
    if isinstance(value, dict):
        tree = cast("dict[str, object]", value)
        fields = _fields(kind)
        return {
            name: _settled(inner, fields[name].annotation, fields[name].metadata, folder)
            if name in fields
            else inner
            for name, inner in tree.items()
        }
    if isinstance(value, list) and get_args(kind):
        return [_settled(one, get_args(kind)[0], [], folder) for one in cast("list[object]", value)]
    return value


def _fields(kind: object) -> Mapping[str, FieldInfo]:
    """Fields of a section, also of an optional one."""
    kinds = get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)
    models = [one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)]
    return models[0].model_fields if models else {}


def _absolute(value: str, place: SpecPlace, folder: str) -> str:
    if not value or is_url(value):
        return value
    path = absolute_path(value, folder)
    if place.kind != "model" or value.startswith((".", "/", "~")) or value.endswith(".json"):
        return path
    return path if os.path.isdir(path) else value  # noqa: PTH112 - a name that no folder bears is a name


def place_fields(
    model: type[BaseModel] = ExplainParameters, prefix: str = ""
) -> Iterator[tuple[str, SpecPlace]]:
    """Every field that names a place, like ``corpus.images``.

    Parameters
    ----------
    model
        Section to search, with its sections.
    prefix
        Dotted path of the section, with a dot at its end.

    Yields
    ------
    tuple[str, SpecPlace]
        Dotted path and kind of place.
    """
    for name, info in model.model_fields.items():
        yield from ((prefix + name, one) for one in info.metadata if isinstance(one, SpecPlace))
        for kind in (info.annotation, *get_args(info.annotation)):
            if isinstance(kind, type) and issubclass(kind, BaseModel):
                yield from place_fields(kind, f"{prefix}{name}.")


def check_places(parameters: ExplainParameters) -> None:
    """Say now what later stages would miss, and where relative paths start.

    Raises
    ------
    InputError
        If a local file or folder that is read is not there.
    """
    for name, place in place_fields():
        value = _value(parameters, name)
        if place.kind != "input" or not value or is_url(value) or not _PATTERN.isdisjoint(value):
            continue
        path = absolute_path(value)
        if not os.path.lexists(path):
            raise InputError(
                f"{name}: there is no {path}; relative paths in a spec start from the folder of its file,"
                " those of --set from the current folder"
            )


def _value(parameters: ExplainParameters, name: str) -> str:
    value: object = parameters
    for part in name.split("."):
        value = getattr(value, part, None)
    return value if isinstance(value, str) else ""
