"""Registries: tables from a name to a method, one line of text and its source."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean

__all__ = ["Entry", "EstimatorEntry", "Registry", "lazy"]

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """Method of a registry; registries may add fields of their own."""

    make: T
    what: str
    """One line: what it computes."""
    source: str
    """DOI or URL of the publication; "ilime" for our own choices."""
    title: str = field(kw_only=True)
    """Its name on pages."""
    settings: Collection[str] = field(default=(), kw_only=True)
    """Names of the settings that it reads; a mapping gives each the meaning that it has for this method."""
    required: Mapping[str, str] = field(default_factory=dict[str, str], kw_only=True)
    """Settings that may not be empty, each with an example for the error message."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatorEntry(Entry[T]):
    """One method that explains items or pairs."""

    draws: bool = True
    """Whether it reads coalitions that are drawn, so that another seed gives another W."""
    left_out: str = ""
    """Error that its standard errors do not include, so that nothing is tested with them."""


E = TypeVar("E", bound=Entry[Any])


@dataclass(frozen=True, slots=True)
class Registry(Generic[E]):
    """Methods of one extension point, by their names in the spec."""

    seam: str
    entries: Mapping[str, E]

    def __getitem__(self, name: str) -> E:
        """Look a method up.

        Raises
        ------
        InputError
            If there is none; the message names the nearest and all known ones.
        """
        if name not in self.entries:
            hint = did_you_mean(name, self.entries) or "."
            known = ", ".join(sorted(self.entries))
            raise InputError(f"no {self.seam} is called {name!r}{hint} Known: {known}.")
        return self.entries[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Known names in the order of registration."""
        return tuple(self.entries)


def lazy(place: str) -> Any:
    """Return a callable that imports ``module:name`` or ``module:object.method`` when it is called.

    A registry whose entries are lazy is read without torch: the spec is validated against it, and commands
    that compute nothing start at once.
    """
    module, _, name = place.partition(":")

    def call(*arguments: Any, **options: Any) -> object:
        return attrgetter(name)(import_module(module))(*arguments, **options)

    return call
