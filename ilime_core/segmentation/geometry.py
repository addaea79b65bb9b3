"""Mapping between pixels of the upright original and of the model's view."""

import numpy as np
from jaxtyping import Int

from ilime_core.errors import InputError
from ilime_core.view_records import ViewGeometry

__all__ = ["NOT_SEEN", "label_map_to_original", "seen_share", "view_pixel_in_original"]

NOT_SEEN = -1
"""Label of original pixels outside the view."""


def label_map_to_original(
    labels: Int[np.ndarray, "height width"], geometry: ViewGeometry
) -> Int[np.ndarray, "original_height original_width"]:
    """Assign every original pixel the label of the view pixel that its centre falls into.

    Parameters
    ----------
    labels
        Label map of the view.
    geometry
        Position of the view in the original.

    Returns
    -------
    Int array, original_height x original_width
        Labels of the upright original; -1 outside the view.

    Raises
    ------
    InputError
        If the label map is not of the view's size.
    """
    if labels.shape != (geometry.view_height, geometry.view_width):
        raise InputError(
            f"the label map is {labels.shape[1]} x {labels.shape[0]} pixels, "
            f"the view {geometry.view_width} x {geometry.view_height}"
        )
    rows = _positions(geometry.original_height, geometry.top, geometry.scale_y)
    columns = _positions(geometry.original_width, geometry.left, geometry.scale_x)
    seen_rows = _inside(rows, geometry.view_height)
    seen_columns = _inside(columns, geometry.view_width)
    original = np.full((geometry.original_height, geometry.original_width), NOT_SEEN, dtype=np.int32)
    original[seen_rows, seen_columns] = labels[np.ix_(rows[seen_rows], columns[seen_columns])]
    return original


def view_pixel_in_original(
    geometry: ViewGeometry,
) -> tuple[Int[np.ndarray, " height"], Int[np.ndarray, " width"]]:
    """Original rows and columns under the centres of the view's pixels; padding takes the nearest edge."""
    rows = np.floor((np.arange(geometry.view_height) + 0.5) / geometry.scale_y + geometry.top).astype(
        np.int64
    )
    columns = np.floor((np.arange(geometry.view_width) + 0.5) / geometry.scale_x + geometry.left).astype(
        np.int64
    )
    return rows.clip(0, geometry.original_height - 1), columns.clip(0, geometry.original_width - 1)


def seen_share(geometry: ViewGeometry) -> float:
    """Share of the original's area that lies inside the view."""
    width = _overlap(geometry.left, geometry.view_width / geometry.scale_x, geometry.original_width)
    height = _overlap(geometry.top, geometry.view_height / geometry.scale_y, geometry.original_height)
    return width * height / (geometry.original_width * geometry.original_height)


def _positions(length: int, start: float, scale: float) -> Int[np.ndarray, " length"]:
    return np.floor((np.arange(length) + 0.5 - start) * scale).astype(np.int64)


def _inside(positions: Int[np.ndarray, " length"], size: int) -> slice:
    # Positions increase, so what is seen is one stretch.
    return slice(int(np.searchsorted(positions, 0)), int(np.searchsorted(positions, size)))


def _overlap(start: float, extent: float, length: int) -> float:
    return max(0.0, min(start + extent, length) - max(start, 0.0))
