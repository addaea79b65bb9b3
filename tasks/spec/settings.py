"""Settings of methods as fields of the spec: descriptions name the methods that read a field."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeVar, get_args

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from ilime_core.registry import Registry
from tasks.parameters import Known

__all__ = ["described_by", "readers", "registry_of"]

Section = TypeVar("Section", bound=type[BaseModel])


def readers(registry: Registry[Any], setting: str) -> tuple[str, ...]:
    """Methods that read a setting.

    Parameters
    ----------
    registry
        Its entries name their settings.
    setting
        Name of a field.

    Returns
    -------
    tuple of str
        In the order of registration; empty if no method reads it.
    """
    return tuple(name for name, entry in registry.entries.items() if setting in entry.settings)


def registry_of(info: FieldInfo) -> Registry[Any] | None:
    """Registry whose names a field takes, by itself or in a list; None for any other field."""
    marks = _marks((*info.metadata, *get_args(info.annotation)))
    return next((mark.registry for mark in marks), None)


def described_by(*registries: Registry[Any]) -> Callable[[Section], Section]:
    """Decorate a section of the spec whose fields are settings of methods.

    The description of such a field starts with the methods that read it, unless all of a registry do, and so
    does that of the JSON schema. Where entries give a setting meanings of their own, these are all of it.

    Parameters
    ----------
    registries
        Registries whose methods read fields of the section.

    Returns
    -------
    Callable
        Decorator that returns the same class.
    """

    def describe(section: Section) -> Section:
        for name, info in section.model_fields.items():
            if own := "; ".join(_meanings(registries, name)):
                info.description = f"{own}."
            elif (some := " with ".join(_some(registries, name))) and info.description:
                info.description = f"{some}: {info.description}"
        section.model_rebuild(force=True)
        return section

    return describe


def _some(registries: tuple[Registry[Any], ...], setting: str) -> Iterator[str]:
    for registry in registries:
        found = readers(registry, setting)
        if 0 < len(found) < len(registry.names):
            yield ", ".join(found)


def _meanings(registries: tuple[Registry[Any], ...], setting: str) -> Iterator[str]:
    for registry in registries:
        for name, entry in registry.entries.items():
            if isinstance(entry.settings, Mapping) and setting in entry.settings:
                yield f"{name}: {entry.settings[setting]}"


def _marks(parts: tuple[object, ...]) -> Iterator[Known]:
    for part in parts:
        if isinstance(part, Known):
            yield part
        yield from _marks(get_args(part))
