"""A registry is data: what a name means and where it was published."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Generic, TypeVar

from ilime_core.errors import InputError

__all__ = ["Entry", "Registry"]

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Entry(Generic[T]):
    """One method behind a seam."""

    make: T
    what: str
    """One line: what it computes."""
    source: str
    """DOI or URL of the publication; "ilime" for our own choices."""
    draws: bool = True
    """Of an estimator: whether it reads coalitions that are drawn, so that another seed gives another W."""
    left_out: str = ""
    """Of an estimator: what its standard errors leave out, so that nothing is tested with them."""


@dataclass(frozen=True, slots=True)
class Registry(Generic[T]):
    """The methods behind one seam, by their names in the spec."""

    seam: str
    entries: Mapping[str, Entry[T]]

    def __getitem__(self, name: str) -> Entry[T]:
        """Look a method up.

        Raises
        ------
        InputError
            If there is none; the message names the nearest and all known ones.
        """
        if name not in self.entries:
            near = get_close_matches(name, self.entries, n=1)
            hint = f"; did you mean {near[0]!r}?" if near else "."
            known = ", ".join(sorted(self.entries))
            raise InputError(f"no {self.seam} is called {name!r}{hint} Known: {known}.")
        return self.entries[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Known names in the order of registration."""
        return tuple(self.entries)
