"""Positions of regions, in words and as points."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

__all__ = ["Box", "RegionPlace", "anchor_points", "place_name", "region_place"]

Box = tuple[int, int, int, int]
"""x, y, width and height in pixels of the upright original."""

_ROWS = ("upper", "", "lower")
_COLUMNS = ("left", "", "right")


@dataclass(frozen=True, slots=True)
class RegionPlace:
    """Position and size of a region."""

    name: str
    """Ninth of the photograph that the middle of the region's box lies in."""
    box: Box
    share: float
    """Share of the model's view."""


def region_place(box: Box, share: float, size: tuple[int, int]) -> RegionPlace:
    """Place of a region.

    Parameters
    ----------
    box
        x, y, width and height in pixels of the upright original.
    share
        Share of the model's view.
    size
        Width and height of the original.

    Returns
    -------
    RegionPlace
        The place with its name.
    """
    x, y, width, height = box
    return RegionPlace(place_name((x + width / 2) / size[0], (y + height / 2) / size[1]), box, share)


def place_name(x: float, y: float) -> str:
    """Name of the ninth of the picture that a point is in.

    Parameters
    ----------
    x, y
        From 0 to 1; y runs downward.

    Returns
    -------
    str
        ``upper left``, ``left centre``, ``centre`` and so on.
    """
    row, column = (_third(value) for value in (y, x))
    name = f"{_ROWS[row]} {_COLUMNS[column]}".strip()
    if row == column == 1:
        return "centre"
    return name if row != 1 and column != 1 else f"{name} centre"


def anchor_points(labels: Int[np.ndarray, "height width"], n_segments: int) -> Int[np.ndarray, "segments 2"]:
    """For each region the (x, y) of its own pixel nearest to its centre of mass; (-1, -1) without pixels.

    Large regions of a shrunken picture always have one; a region outside the picture has none.

    Parameters
    ----------
    labels
        Region of every pixel; negative for none.
    n_segments
        Number of regions.

    Returns
    -------
    ndarray of int, shape (segments, 2)
        Points in pixels.
    """
    points = np.full((n_segments, 2), -1)
    ys, xs = np.nonzero(labels >= 0)
    owner = labels[ys, xs]
    count = np.bincount(owner, minlength=n_segments)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean_x = np.bincount(owner, xs, minlength=n_segments) / count
        mean_y = np.bincount(owner, ys, minlength=n_segments) / count
    distance = (xs - mean_x[owner]) ** 2 + (ys - mean_y[owner]) ** 2
    order = np.lexsort((distance, owner))
    first = np.unique(owner[order], return_index=True)
    points[first[0]] = np.stack([xs[order][first[1]], ys[order][first[1]]], axis=1)
    return points


def _third(value: float) -> int:
    return 0 if value < 0.37 else 2 if value > 0.63 else 1
