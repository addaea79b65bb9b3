"""Settings of methods as fields of the spec: descriptions name the methods that read a field."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import BaseModel

from ilime_core.registry import Registry

__all__ = ["ReadBy", "described_by", "readers"]

Section = TypeVar("Section", bound=type[BaseModel])


@dataclass(frozen=True, slots=True)
class ReadBy:
    """Mark of a field that methods of a registry read."""

    seam: str
    """Name of the registry."""
    methods: tuple[str, ...]


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


def described_by(*registries: Registry[Any]) -> Callable[[Section], Section]:
    """Decorate a section of the spec whose fields are settings of methods.

    The description of such a field starts with the methods that read it, unless all of a registry do, and so
    does that of the JSON schema. Meanings that entries give of a setting are the
    whole description.

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
            marks = [
                ReadBy(one.seam, found)
                for one in registries
                if 0 < len(found := readers(one, name)) < len(one.names)
            ]
            if marks:
                info.metadata.extend(marks)
                own = "; ".join(_meanings(registries, name))
                methods = " with ".join(", ".join(mark.methods) for mark in marks)
                info.description = f"{own}." if own else f"{methods}: {info.description}"
        section.model_rebuild(force=True)
        return section

    return describe


def _meanings(registries: tuple[Registry[Any], ...], setting: str) -> Iterator[str]:
    for registry in registries:
        for name, entry in registry.entries.items():
            if isinstance(entry.settings, Mapping) and setting in entry.settings:
                yield f"{name}: {entry.settings[setting]}"
