"""Label map of masks that may overlap."""

from collections.abc import Iterable

import numpy as np
from jaxtyping import Bool, Int

__all__ = ["overlay_masks"]


def overlay_masks(
    masks: Iterable[Bool[np.ndarray, "height width"]], height: int, width: int
) -> Int[np.ndarray, "height width"]:
    """Label every pixel with the smallest mask that covers it, so that large masks do not hide small ones.

    Parameters
    ----------
    masks
        One at a time is held. Of two of equal area the earlier one lies on top.
    height, width
        Size of every mask.

    Returns
    -------
    Int array, height x width
        0 where no mask is, else the mask's number from 1.
    """
    labels = np.zeros((height, width), dtype=np.int32)
    smallest = np.full((height, width), height * width + 1, dtype=np.int64)
    for number, mask in enumerate(masks, start=1):
        area = int(mask.sum())
        on_top = mask & (smallest > area)
        labels[on_top] = number
        smallest[on_top] = area
    return labels
