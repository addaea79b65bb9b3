"""Ground truth in the pixels of a model's view: shares of regions, boxes and masks of the original."""

import numpy as np
from jaxtyping import Bool, Float, Int

from ilime_core.errors import InputError
from ilime_core.faithfulness.region_truth import NamedPart
from ilime_core.records import ViewGeometry

__all__ = ["boxes_in_view", "mask_in_view", "named_part", "region_areas"]


def region_areas(labels: Int[np.ndarray, "height width"], n_regions: int) -> Float[np.ndarray, " regions"]:
    """Shares of the pixels that each region takes; pixels of no region (negative) do not count.

    Parameters
    ----------
    labels
        Label map of the view, 0 ... ``n_regions`` - 1.
    n_regions
        Number of regions, those without pixels included.

    Returns
    -------
    Float array, one per region
        Add up to 1.

    Raises
    ------
    InputError
        If no pixel belongs to a region.
    """
    inside = labels >= 0
    if not inside.any():
        raise InputError("a label map without regions has no areas; no pixel of it is 0 or above")
    return np.bincount(labels[inside], minlength=n_regions) / inside.sum()


def named_part(
    words: tuple[int, ...],
    shows: Bool[np.ndarray, "height width"],
    labels: Int[np.ndarray, "height width"],
    n_regions: int,
) -> NamedPart:
    """Count how much of each region shows a part.

    Parameters
    ----------
    words
        Segments of the text.
    shows
        Pixels that show the part.
    labels
        Label map 0 ... ``n_regions`` - 1 of the same pixels; negative ones belong to no region.
    n_regions
        Number of regions; those without pixels show nothing.

    Returns
    -------
    NamedPart
        ``covered`` and ``size`` are shares, 0 to 1, of the pixels that belong to regions.
    """
    inside = labels >= 0
    pixels = np.bincount(labels[inside], minlength=n_regions)
    own = np.bincount(labels[inside & shows], minlength=n_regions)
    covered = own / np.maximum(pixels, 1)
    return NamedPart(words, covered, float(own.sum() / max(int(pixels.sum()), 1)))


def boxes_in_view(
    boxes: Float[np.ndarray, "boxes 4"], geometry: ViewGeometry
) -> Bool[np.ndarray, "height width"]:
    """Pixels of the model's view whose centres lie inside one of several boxes; padding lies in none.

    Parameters
    ----------
    boxes
        Left edge, top edge, width and height in pixels of the upright original.
    geometry
        How the view was cut out.

    Returns
    -------
    Bool array, height x width
        Of the view's pixels.
    """
    x, y = _centres(geometry)
    columns = (boxes[:, :1] <= x) & (x < boxes[:, :1] + boxes[:, 2:3]) & _seen(x, geometry.original_width)
    rows = (boxes[:, 1:2] <= y) & (y < boxes[:, 1:2] + boxes[:, 3:4]) & _seen(y, geometry.original_height)
    return np.asarray((rows[:, :, None] & columns[:, None, :]).any(axis=0))


def mask_in_view(
    mask: Bool[np.ndarray, "original_height original_width"], geometry: ViewGeometry
) -> Bool[np.ndarray, "height width"]:
    """Pixels of the model's view whose centres fall on the mask; padding does not.

    Parameters
    ----------
    mask
        Pixels of the upright original.
    geometry
        How the view was cut out.

    Returns
    -------
    Bool array, height x width
        Of the view's pixels.

    Raises
    ------
    InputError
        If the mask has another size than the upright original.
    """
    if mask.shape != (geometry.original_height, geometry.original_width):
        raise InputError(
            f"the mask is {mask.shape[1]} x {mask.shape[0]} pixels, the image"
            f" {geometry.original_width} x {geometry.original_height}"
        )
    x, y = _centres(geometry)
    seen = _seen(y, geometry.original_height)[:, None] & _seen(x, geometry.original_width)
    rows = np.floor(y).astype(np.int64).clip(0, geometry.original_height - 1)
    columns = np.floor(x).astype(np.int64).clip(0, geometry.original_width - 1)
    return mask[np.ix_(rows, columns)] & seen


def _centres(geometry: ViewGeometry) -> tuple[Float[np.ndarray, " width"], Float[np.ndarray, " height"]]:
    """Where the centres of the view's columns and rows lie in the original."""
    x = (np.arange(geometry.view_width) + 0.5) / geometry.scale_x + geometry.left
    return x, (np.arange(geometry.view_height) + 0.5) / geometry.scale_y + geometry.top


def _seen(places: Float[np.ndarray, " length"], size: int) -> Bool[np.ndarray, " length"]:
    return (places >= 0) & (places < size)
