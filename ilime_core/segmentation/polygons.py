"""Rasterisation of outlines, by the centres of pixels."""

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.errors import InputError

__all__ = ["fill_polygon"]


def fill_polygon(
    corners: Float[np.ndarray, "corners 2"], height: int, width: int
) -> Bool[np.ndarray, "height width"]:
    """Fill a closed outline: a pixel belongs to it if its centre lies inside, by the even-odd rule.

    Parameters
    ----------
    corners
        x and y in pixels; the pixel in row r and column c spans [c, c + 1) and [r, r + 1). Parts outside the
        picture are cut off.
    height, width
        Size of the picture.

    Returns
    -------
    Bool array, height x width
        True inside the outline.

    Raises
    ------
    InputError
        If there are fewer than three corners, or one is not finite.
    """
    if len(corners) < 3 or not np.isfinite(corners).all():
        raise InputError(f"an outline needs three finite corners or more; got {corners[:3].tolist()}")
    x, y = corners.astype(np.float64).T
    next_x, next_y = np.roll(x, -1), np.roll(y, -1)
    first = np.ceil(np.minimum(y, next_y) - 0.5).clip(0, height).astype(np.int64)
    stop = np.ceil(np.maximum(y, next_y) - 0.5).clip(0, height).astype(np.int64)
    lengths = stop - first
    edge = np.repeat(np.arange(len(corners)), lengths)
    rows = np.arange(len(edge)) - np.repeat(np.cumsum(lengths) - lengths - first, lengths)
    share = (rows + 0.5 - y[edge]) / (next_y - y)[edge]
    crossed = x[edge] + share * (next_x - x)[edge]
    columns = np.ceil(crossed - 0.5).clip(0, width).astype(np.int64)
    # Every edge that a row crosses turns inside and outside round for all that lies right of it.
    top, bottom = int(first.min()), int(stop.max())
    crossings = np.zeros((bottom - top, width + 1), dtype=np.int32)
    np.add.at(crossings, (rows - top, columns), 1)
    filled: Bool[np.ndarray, "height width"] = np.zeros((height, width), dtype=bool)
    filled[top:bottom] = np.cumsum(crossings[:, :width], axis=1) % 2 == 1
    return filled
