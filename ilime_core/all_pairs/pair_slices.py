"""Slices of all pairs of a benchmark, by the tags of their items."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from ilime_core.errors import InputError

__all__ = ["PairSlices"]


@dataclass(frozen=True, slots=True, eq=False)
class PairSlices:
    """Slices that the items of both sides are in; a pair is in a slice if either of its items is.

    Attributes
    ----------
    names
        Name of each slice.
    left, right
        Slice of each item, by tag and by position in its side; -1 where it has none of the tag.

    Raises
    ------
    InputError
        If the sides have different numbers of tags, or a slice has no name.
    """

    names: tuple[str, ...]
    left: Int64[np.ndarray, "tags left"]
    right: Int64[np.ndarray, "_ right"]

    def __post_init__(self) -> None:
        if len(self.left) != len(self.right):
            raise InputError(f"both sides need the same tags, got {len(self.left)} and {len(self.right)}.")
        largest = max((int(side.max()) for side in (self.left, self.right) if side.size), default=-1)
        if largest >= len(self.names):
            raise InputError(f"slices must be below {len(self.names)}, got {largest}.")

    @classmethod
    def none(cls, n_left: int, n_right: int) -> "PairSlices":
        """Return no slice at all.

        Parameters
        ----------
        n_left, n_right
            Items of either side.

        Returns
        -------
        PairSlices
            Without names.
        """
        return cls((), np.empty((0, n_left), dtype=np.int64), np.empty((0, n_right), dtype=np.int64))

    @classmethod
    def of(
        cls, left: Sequence[Mapping[str, str]], right: Sequence[Mapping[str, str]], most: int
    ) -> "PairSlices":
        """Number the slices of every tag.

        Parameters
        ----------
        left, right
            Tags of the items of each side.
        most
            Slices of a tag: the values of most pairs, ties in the order of their names.

        Returns
        -------
        PairSlices
            Named ``tag=value``, in the order of the tags' names, those of most pairs first.
        """
        tags = sorted({tag for one in (*left, *right) for tag in one})
        found = cls.none(len(left), len(right))
        for tag in tags:
            own, other = ([one.get(tag) for one in side] for side in (left, right))
            kept = _most_frequent(own, other, most)
            number: dict[str | None, int] = {
                value: len(found.names) + place for place, value in enumerate(kept)
            }
            codes = (np.array([[number.get(one, -1) for one in side]]) for side in (own, other))
            found = cls(
                (*found.names, *(f"{tag}={value}" for value in kept)),
                *(np.concatenate(rows) for rows in zip((found.left, found.right), codes, strict=True)),
            )
        return found


def _most_frequent(left: Sequence[str | None], right: Sequence[str | None], most: int) -> list[str]:
    counts = Counter(left), Counter(right)
    pairs = {
        value: counts[0][value] * len(right)
        + counts[1][value] * len(left)
        - counts[0][value] * counts[1][value]
        for value in (counts[0] | counts[1])
        if value is not None
    }
    return sorted(pairs, key=lambda value: (-pairs[value], value))[:most]
