"""Sliding windows over an item: each segment with its nearest neighbours."""

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Int

from ilime_core.errors import InputError
from ilime_core.perturbation.row_set import Neighbours

__all__ = ["Neighbours", "WindowRows", "nearest_regions", "nearest_words", "windows"]


@dataclass(frozen=True, slots=True)
class WindowRows:
    """Row set that removes a segment and its neighbours."""

    block_segments: int
    placed: bool = field(default=True, init=False)

    def count(self, n_segments: int) -> int:
        """Rows of an item with ``n_segments`` segments."""
        return n_segments

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Return the rows of an item.

        Parameters
        ----------
        n_segments
            Segments of the item.
        rng
            Not read: every segment has its window.
        neighbours
            Segments by their distance from each segment; None takes the order of the segments.

        Returns
        -------
        Bool array, segments x segments
            Row i removes the window of segment i.
        """
        del rng  # every segment has its window
        near = nearest_words(n_segments) if neighbours is None else neighbours
        return windows(near, self.block_segments)


def nearest_regions(labels: Int[np.ndarray, "height width"]) -> Neighbours:
    """Order the regions of a label map by the distance of their centroids; ties by label.

    Raises
    ------
    InputError
        If a label between 0 and the largest one is missing.
    """
    flat = labels.reshape(-1)
    areas = np.bincount(flat)
    if not areas.all():
        raise InputError(f"label {int(np.argmin(areas))} of a map of {len(areas)} regions has no pixel.")
    rows, columns = np.indices(labels.shape).reshape(2, -1)
    centroids = np.stack([np.bincount(flat, rows) / areas, np.bincount(flat, columns) / areas], axis=1)
    squares = ((centroids[:, None] - centroids[None]) ** 2).sum(axis=2)
    np.fill_diagonal(squares, -1.0)  # a region that surrounds another may share its centroid
    # Distances that are equal by symmetry differ in the last place: rounding leaves ties to the labels.
    return np.argsort(squares.round(6), axis=1, kind="stable")


def nearest_words(n_segments: int) -> Neighbours:
    """Order the words of a text by their distance in the text; of two as near the earlier one first."""
    places = np.arange(n_segments)
    return np.argsort(np.abs(places[:, None] - places), axis=1, kind="stable")


def windows(neighbours: Neighbours, block_segments: int) -> Bool[np.ndarray, "segments segments"]:
    """Coalitions that each remove one window: segment i and its nearest ``block_segments - 1`` others.

    Parameters
    ----------
    neighbours
        Segments by their distance from each segment, itself first.
    block_segments
        Segments of a window, at least 1.

    Returns
    -------
    Bool array, segments x segments
        Row i is False in the window of segment i.

    Raises
    ------
    InputError
        If a window is to hold no segment.
    """
    if block_segments < 1:
        raise InputError(f"a window needs at least one segment, got {block_segments}.")
    kept = np.ones(neighbours.shape, dtype=bool)
    np.put_along_axis(kept, neighbours[:, :block_segments], values=False, axis=1)
    return kept
