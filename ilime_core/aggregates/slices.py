"""Slices of a benchmark: pairs whose items have one value of a tag."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float, Int64

from ilime_core.aggregates.bounds import UNBOUNDED, Bounds
from ilime_core.aggregates.clustered_mean import ClusteredMean
from ilime_core.aggregates.group_differences import GroupDifference, group_difference

__all__ = [
    "ALL",
    "Slice",
    "SliceLimits",
    "TagSlices",
    "named_slices",
    "slice_differences",
    "tag_slices",
]

ALL = "all"
"""Name of the slice of all pairs."""


@dataclass(frozen=True, slots=True)
class SliceLimits:
    """Bounds on which slices are reported, and on their number."""

    pairs: int = 20
    """Fewest pairs of a slice."""
    items: int = 10
    """Fewest distinct items of a slice, on either side."""
    values: int = 50
    """Most slices of a tag, the most frequent values."""

    def admit(self, mean: ClusteredMean) -> bool:
        """Return whether a slice is large enough for its mean to be reported."""
        return mean.n >= self.pairs and mean.n_clusters >= self.items

    def admit_pairs(self, left: Int64[np.ndarray, " pairs"], right: Int64[np.ndarray, " pairs"]) -> bool:
        """Return whether a slice of these pairs is large enough.

        Parameters
        ----------
        left, right
            A number for each item, the same on all its pairs.

        Returns
        -------
        bool
            As of `admit`, where every pair has a value.
        """
        return len(left) >= self.pairs and min(len(np.unique(left)), len(np.unique(right))) >= self.items


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """Pairs of which either item has one value of a tag."""

    name: str
    pairs: Bool[np.ndarray, " pairs"]


@dataclass(frozen=True, slots=True, eq=False)
class TagSlices:
    """Slices of one tag.

    Attributes
    ----------
    tag
        Name of the tag.
    slices
        The most frequent values first, ties in the order of their names.
    tagged
        Pairs of which either item has any value of the tag.
    n_values
        Different values, with those that have no slice because others are more frequent.
    """

    tag: str
    slices: tuple[Slice, ...]
    tagged: Bool[np.ndarray, " pairs"]
    n_values: int

    def of(self, rows: Int64[np.ndarray, " chosen"]) -> "TagSlices":
        """The same slices of some of the pairs, by their numbers."""
        slices = tuple(replace(one, pairs=one.pairs[rows]) for one in self.slices)
        return replace(self, slices=slices, tagged=self.tagged[rows])


def tag_slices(
    left: Sequence[Mapping[str, str]], right: Sequence[Mapping[str, str]], most: int
) -> list[TagSlices]:
    """Slices of every tag that an item has.

    Parameters
    ----------
    left, right
        Tags of both items of each pair.
    most
        Slices of a tag.

    Returns
    -------
    list of TagSlices
        In the order of the tags' names. A pair whose items have two values of a tag is in both slices.
    """
    values: dict[str, list[frozenset[str]]] = {
        tag: [] for tag in sorted({name for tags in (*left, *right) for name in tags})
    }
    for own, other in zip(left, right, strict=True):
        for tag, found in values.items():
            found.append(frozenset(tags[tag] for tags in (own, other) if tag in tags))
    return [_of_tag(tag, found, most) for tag, found in values.items()]


def named_slices(tags: Sequence[TagSlices], n_pairs: int) -> Iterator[tuple[str, Bool[np.ndarray, " pairs"]]]:
    """All pairs under the name `ALL`, then every slice of every tag.

    Parameters
    ----------
    tags
        Slices of these pairs.
    n_pairs
        Number of pairs.

    Yields
    ------
    tuple of str and Boolean array
        Name of the slice, and which pairs are in it.
    """
    yield ALL, np.ones(n_pairs, dtype=bool)
    for tag in tags:
        for one in tag.slices:
            yield one.name, one.pairs


def slice_differences(
    values: Float[np.ndarray, " pairs"],
    tag: TagSlices,
    left: Int64[np.ndarray, " pairs"],
    right: Int64[np.ndarray, " pairs"],
    *,
    limits: SliceLimits,
    bounds: Bounds = UNBOUNDED,
) -> list[tuple[str, GroupDifference]]:
    """Compare each slice of a tag with the other pairs that have the tag.

    Parameters
    ----------
    values
        One number per pair, NaN where unknown.
    tag
        Slices of these pairs.
    left, right
        A number for each item, the same on all its pairs.
    limits
        Bounds that slice and rest have to reach.
    bounds
        Possible range of a value.

    Returns
    -------
    list of tuple of str and GroupDifference
        Name of the slice, and what it is above the rest. Of two slices that are each other's rest only the
        first.
    """
    found: list[tuple[str, GroupDifference]] = []
    asked: list[bytes] = []
    for one in tag.slices:
        rest = tag.tagged & ~one.pairs
        if min(one.pairs.sum(), rest.sum()) < limits.pairs or rest.tobytes() in asked:
            continue
        asked.append(one.pairs.tobytes())
        here = tag.tagged
        difference = group_difference(values[here], one.pairs[here], left[here], right[here], bounds)
        if limits.admit(difference.group) and limits.admit(difference.rest):
            found.append((one.name, difference))
    return found


def _of_tag(tag: str, values: Sequence[frozenset[str]], most: int) -> TagSlices:
    counts = Counter(value for found in values for value in found)
    kept = sorted(counts, key=lambda value: (-counts[value], value))[:most]
    rows: dict[str, list[int]] = {value: [] for value in kept}
    for row, found in enumerate(values):
        for value in found & rows.keys():
            rows[value].append(row)
    slices = tuple(Slice(f"{tag}={value}", _marked(rows[value], len(values))) for value in kept)
    tagged = np.array([bool(found) for found in values], dtype=bool)
    return TagSlices(tag, slices, tagged, len(counts))


def _marked(rows: Sequence[int], count: int) -> Bool[np.ndarray, " pairs"]:
    marks = np.zeros(count, dtype=bool)
    marks[list(rows)] = True
    return marks
