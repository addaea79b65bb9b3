"""Boxes of the original that cover most of a segment of the view."""

import numpy as np
from jaxtyping import Float

from ilime_core.view_records import ImageSegments, ViewGeometry

__all__ = ["covering_boxes"]


def covering_boxes(
    segments: ImageSegments, boxes: Float[np.ndarray, "boxes 4"], geometry: ViewGeometry
) -> list[int | None]:
    """Choose for every segment the box that covers the largest share of its pixels.

    A pixel of the view is covered where its centre, carried back to the original, lies inside the box; its
    left and top edges are part of it. Of boxes that cover equally much the smaller is chosen, of equally
    large ones the first.

    Parameters
    ----------
    segments
        Segments of the view.
    boxes
        Left edge, top edge, width and height in pixels of the upright original.
    geometry
        Position of the view in the original.

    Returns
    -------
    list of int or None
        Row of ``boxes`` by segment; None where no box covers at least half of it.
    """
    columns = (np.arange(geometry.view_width) + 0.5) / geometry.scale_x + geometry.left
    rows = (np.arange(geometry.view_height) + 0.5) / geometry.scale_y + geometry.top
    n_segments = segments.n_segments
    covered = np.zeros((len(boxes), n_segments), dtype=np.int64)
    for number, (x, y, width, height) in enumerate(boxes):
        across = (columns >= x) & (columns < x + width)
        down = (rows >= y) & (rows < y + height)
        inside = segments.labels[np.ix_(down, across)]
        covered[number] = np.bincount(inside.ravel(), minlength=n_segments)
    areas = np.bincount(segments.labels.ravel(), minlength=n_segments)
    order = np.argsort(boxes[:, 2] * boxes[:, 3], kind="stable")
    if not len(order):
        return [None] * n_segments
    best = order[covered[order].argmax(axis=0)]
    enough = 2 * covered[best, np.arange(n_segments)] >= areas
    return [int(box) if is_enough else None for box, is_enough in zip(best, enough, strict=True)]
