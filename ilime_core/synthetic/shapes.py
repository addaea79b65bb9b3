"""Coloured shapes with smooth edges."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

__all__ = ["COLOURS", "REACH", "SHAPES", "coverage"]

Plane = Float[np.ndarray, "side side"]
Axis = Float[np.ndarray, "#side #side"]
"""Coordinates along a row or down a column, or of every pixel."""

COLOURS = {
    "red": (214, 39, 40),
    "green": (44, 160, 44),
    "blue": (31, 90, 220),
    "yellow": (240, 220, 40),
    "purple": (148, 60, 189),
    "orange": (250, 130, 20),
    "cyan": (30, 200, 210),
    "white": (245, 245, 245),
}
"""Words and their red, green and blue."""


def _square(x: Axis, y: Axis) -> Plane:
    return np.maximum(np.abs(x), np.abs(y)) - 0.8


def _circle(x: Axis, y: Axis) -> Plane:
    return np.hypot(x, y) - 0.93


def _triangle(x: Axis, y: Axis) -> Plane:
    slanted = (2.0 * np.abs(x) - (y + 0.95)) / np.sqrt(5.0)
    return np.maximum(slanted, y - 0.75)


def _diamond(x: Axis, y: Axis) -> Plane:
    return (np.abs(x) * 1.35 + np.abs(y) - 1.0) / 1.68


def _cross(x: Axis, y: Axis) -> Plane:
    x, y = np.abs(x), np.abs(y)
    upright = np.maximum(x - 0.32, y - 0.95)
    level = np.maximum(x - 0.95, y - 0.32)
    return np.minimum(upright, level)


def _ring(x: Axis, y: Axis) -> Plane:
    return np.abs(np.hypot(x, y) - 0.7) - 0.25


SHAPES: dict[str, Callable[[Axis, Axis], Plane]] = {
    "circle": _circle,
    "square": _square,
    "triangle": _triangle,
    "diamond": _diamond,
    "cross": _cross,
    "ring": _ring,
}
"""Words and signed distances from the edge, negative inside, in radii around the centre."""

REACH = 1.14
"""Radii from the centre to the farthest corner of any shape."""


def coverage(shape: str, x: float, y: float, radius: float, side: int) -> Plane:
    """Share of each pixel that a shape covers.

    Parameters
    ----------
    shape
        A key of `SHAPES`.
    x, y
        Centre in pixels, y downwards.
    radius
        Radius in pixels.
    side
        Side of the picture in pixels.

    Returns
    -------
    Float array, side x side
        Shares in [0, 1]; edges are smoothed over one pixel.
    """
    centres = np.arange(side) + 0.5
    distance = SHAPES[shape]((centres[None, :] - x) / radius, (centres[:, None] - y) / radius) * radius
    return np.clip(0.5 - distance, 0.0, 1.0)
