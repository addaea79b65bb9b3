"""Regions that two segmentations of one picture have in common, by their stored masks."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Int64

from ilime_core.errors import InputError
from ilime_core.segmentation.run_length import decode_mask

__all__ = ["LEAST_OVERLAP", "matched_regions"]

LEAST_OVERLAP = 0.9
"""Intersection over union from which two regions count as the same one."""


def matched_regions(
    first: Sequence[str], second: Sequence[str], height: int, width: int, least: float = LEAST_OVERLAP
) -> Int64[np.ndarray, " second"]:
    """Match the regions of two segmentations of one picture one to one.

    Parameters
    ----------
    first, second
        Run-length masks of the regions, which do not overlap within a segmentation.
    height, width
        Size of the picture.
    least
        Smallest intersection over union of a match, above 0.5.

    Returns
    -------
    Int64 array, one per region of ``second``
        Its region of ``first``; -1 without a match.

    Raises
    ------
    InputError
        If ``least`` is not in (0.5, 1], or a mask does not fit the picture.

    Notes
    -----
    Above one half a region can overlap one region of the other segmentation only, so that the matches are one
    to one and no assignment has to be solved. Equal masks match without being expanded.
    """
    if not 0.5 < least <= 1:
        raise InputError(f"the least overlap of a match is in (0.5, 1], got {least}.")
    if list(first) == list(second):
        return np.arange(len(second))
    one, other = (_painted(masks, height, width) for masks in (first, second))
    seen = (one >= 0) & (other >= 0)
    places = one[seen] * len(second) + other[seen]
    common = np.bincount(places, minlength=len(first) * len(second)).reshape(len(first), len(second))
    sizes = (_sizes(one, len(first)), _sizes(other, len(second)))
    union = sizes[0][:, None] + sizes[1][None] - common
    overlap: Float[np.ndarray, "first second"] = common / np.maximum(union, 1)
    matched = np.full(len(second), -1, dtype=np.int64)
    rows, columns = np.nonzero(overlap >= least)
    matched[columns] = rows
    return matched


def _painted(masks: Sequence[str], height: int, width: int) -> Int64[np.ndarray, "height width"]:
    """Number of the region of each pixel; -1 where none is."""
    labels = np.full((height, width), -1, dtype=np.int64)
    for number, mask in enumerate(masks):
        labels[decode_mask(mask, height, width)] = number
    return labels


def _sizes(labels: Int64[np.ndarray, "height width"], count: int) -> Int64[np.ndarray, " count"]:
    return np.bincount(labels[labels >= 0], minlength=count)
