"""The strongest cells of W of two alike items, and the names of the segments that they connect."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from tasks.figures.colours import MATCHED, Colour
from tasks.figures.item_pictures import ImagePicture, ItemPicture
from tasks.figures.pair_picture import PairPicture

__all__ = ["LINKS", "Link", "SegmentNames", "link_sentence", "segment_names", "strong_links"]

LINKS = 6
"""Largest number of linked cells: one for each distinguishable colour."""

_SMALLEST = 0.15  # of the largest weight
_TWICE = 2
_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Link:
    """A cell of W that is worth a line."""

    left: int
    right: int
    weight: float
    error: float
    """Standard error; NaN where there is none."""
    colour: Colour


@dataclass(frozen=True, slots=True)
class SegmentNames:
    """Segments of one item that pictures show, in order, and their names there."""

    segments: tuple[int, ...]
    names: tuple[str, ...]
    n_all: int
    kind: str
    """Plural noun of the segments: regions or words."""

    def name_of(self, segment: int) -> str:
        """Name of a segment; empty where it is not shown."""
        return self.names[self.segments.index(segment)] if segment in self.segments else ""


def strong_links(pair: PairPicture) -> list[Link]:
    """Cells of largest size that differ from 0, strongest first; a segment is in two of them at most.

    Regions that the photograph does not show have no place for a line and are omitted.
    """
    sizes = np.abs(pair.weights) * ~pair.may_be_zero * np.outer(_has_place(pair.left), _has_place(pair.right))
    uses = (np.zeros(sizes.shape[0], int), np.zeros(sizes.shape[1], int))
    smallest = _SMALLEST * float(np.abs(pair.weights).max(initial=0.0))
    found: list[Link] = []
    for cell in np.argsort(-sizes, axis=None, kind="stable").tolist():
        left, right = divmod(cell, sizes.shape[1])
        if len(found) == LINKS or sizes[left, right] <= smallest:
            break
        if max(uses[0][left], uses[1][right]) == _TWICE:
            continue
        uses[0][left] += 1
        uses[1][right] += 1
        weight, error = float(pair.weights[left, right]), float(pair.errors[left, right])
        found.append(Link(left, right, weight, error, MATCHED[len(found)]))
    return found


def segment_names(pair: PairPicture, links: list[Link]) -> tuple[SegmentNames, SegmentNames]:
    """Linked segments in the order of their links, then those of largest interaction; words in reading order.

    Regions are called by their numbers in the table ``segments``, words by themselves.

    Parameters
    ----------
    pair
        The pair as read from the run.
    links
        Links of the pair, strongest first.

    Returns
    -------
    tuple of SegmentNames
        Names of the query's and of the candidate's segments.
    """
    mass = np.abs(pair.weights)
    lefts = _order([link.left for link in links], mass.sum(axis=1))
    rights = _order([link.right for link in links], mass.sum(axis=0))
    return _names(pair.left, lefts), _names(pair.right, rights)


def link_sentence(link: Link, names: tuple[SegmentNames, SegmentNames]) -> str:
    """Both ends of a link, its weight and its standard error.

    Parameters
    ----------
    link
        One strong cell of W.
    names
        Names of the segments of query and candidate.

    Returns
    -------
    str
        A clause without a full stop.
    """
    ends = f"{names[0].name_of(link.left)} \N{EN DASH} {names[1].name_of(link.right)}"
    sure = "" if np.isnan(link.error) else f" \N{PLUS-MINUS SIGN} {link.error:.3f}"
    return f"{ends}  {link.weight:+.3f}{sure}"


def _order(linked: list[int], mass: np.ndarray) -> list[int]:
    by_mass = [int(segment) for segment in np.argsort(-mass, kind="stable")]
    return list(dict.fromkeys([*linked, *by_mass]))[:_SHOWN]


def _names(item: ItemPicture, segments: list[int]) -> SegmentNames:
    if isinstance(item, ImagePicture):
        return SegmentNames(tuple(segments), tuple(map(str, segments)), item.n_segments, "regions")
    segments = sorted(segments)
    return SegmentNames(
        tuple(segments), tuple(item.words[one].text for one in segments), item.n_segments, "words"
    )


def _has_place(item: ItemPicture) -> Bool[np.ndarray, " segments"]:
    if isinstance(item, ImagePicture):
        return np.isin(np.arange(item.n_segments), item.labels)
    return np.ones(item.n_segments, dtype=bool)
