"""Canonical labels: connected, and numbered in reading order of their first pixel."""

import numpy as np
from jaxtyping import Int
from skimage.measure import label as connected_components

from ilime_core.view_records import ImageSegments

__all__ = ["connected_segments", "in_reading_order"]


def in_reading_order(labels: Int[np.ndarray, "height width"]) -> ImageSegments:
    """Number the values of a label map 0 ... n - 1 by their first pixel, row by row.

    Segments are not split: a region that its author drew in two parts stays one.
    """
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    rank = np.empty(len(first), dtype=np.int32)
    rank[np.argsort(first)] = np.arange(len(first), dtype=np.int32)
    return ImageSegments(labels=rank[inverse].reshape(labels.shape), n_segments=len(first))


def connected_segments(labels: Int[np.ndarray, "height width"]) -> ImageSegments:
    """Split every value into its connected parts (diagonal neighbours touch), numbered in reading order."""
    parts = np.asarray(connected_components(labels, background=int(labels.min()) - 1, connectivity=2))
    return in_reading_order(parts)
