"""Segments from a given label map, mapped to the model's view."""

import numpy as np
from jaxtyping import Int

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.protocols.perturbation import Segmenter
from ilime_core.segmentation.geometry import view_pixel_in_original
from ilime_core.segmentation.registry import SegmenterOptions
from ilime_core.segmentation.relabelling import in_reading_order
from ilime_core.view_records import ImageSegments, ViewGeometry

__all__ = ["given_segments", "given_values", "make_given"]


def given_segments(
    label_map: Int[np.ndarray, "original_height original_width"], geometry: ViewGeometry
) -> ImageSegments:
    """Map a label map of the upright original to the view.

    Every value of the map that the view shows, the background's too, is one segment, numbered in reading
    order of the view; regions in several parts are not split. Padding belongs to the nearest region.

    Parameters
    ----------
    label_map
        One value per pixel of the upright original.
    geometry
        Position of the view in the original.

    Returns
    -------
    ImageSegments
        Segments of the view.

    Raises
    ------
    ItemError
        If the map has another size than the original.
    """
    expected = (geometry.original_height, geometry.original_width)
    if label_map.shape != expected:
        raise ItemError(
            FailureReason.UNDECODABLE,
            f"the given label map is {label_map.shape[1]} x {label_map.shape[0]} pixels, "
            f"its upright image {expected[1]} x {expected[0]}",
        )
    rows, columns = view_pixel_in_original(geometry)
    return in_reading_order(label_map[np.ix_(rows, columns)])


def given_values(
    label_map: Int[np.ndarray, "original_height original_width"],
    geometry: ViewGeometry,
    segments: ImageSegments,
) -> list[int]:
    """Value of the label map that each segment was made of.

    Parameters
    ----------
    label_map, geometry
        As of `given_segments`.
    segments
        What that returned.

    Returns
    -------
    list of int
        By segment.
    """
    rows, columns = view_pixel_in_original(geometry)
    first = np.unique(segments.labels, return_index=True)[1]
    return label_map[np.ix_(rows, columns)].ravel()[first].tolist()


def make_given(options: SegmenterOptions) -> Segmenter:
    """Refuse: these segments come from a label map of each image, not from its pixels.

    Raises
    ------
    InputError
        Always.
    """
    del options  # see above
    raise InputError("given regions have a label map per image; cut them with given_segments")
