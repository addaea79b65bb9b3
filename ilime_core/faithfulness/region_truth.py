"""What is known of one image-text pair: where the image shows what the text's words name."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from ilime_core.errors import InputError
from ilime_core.records import ViewGeometry

__all__ = ["NamedPart", "RegionTruth", "boxes_in_view", "mask_in_view", "named_part", "region_areas"]

LEAST = 0.05
"""Share of a region that a part has to cover before the region shows it."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedPart:
    """Words of a text, and where the image shows what they name.

    Attributes
    ----------
    words
        Segments of the text, in order.
    covered
        Share of each region's pixels that show it.
    size
        Share of the view's pixels that show it.
    """

    words: tuple[int, ...]
    covered: Float[np.ndarray, " regions"]
    size: float


@dataclass(frozen=True, slots=True, eq=False)
class RegionTruth:
    """What is known of one image-text pair; ``areas`` are the regions' shares of the view's pixels."""

    parts: tuple[NamedPart, ...]
    areas: Float[np.ndarray, " regions"]

    @property
    def covered(self) -> Float[np.ndarray, "regions parts"]:
        """Shares of all parts beside each other."""
        columns = [part.covered for part in self.parts]
        return np.stack(columns, axis=1) if columns else np.zeros((len(self.areas), 0))

    def shown(self, least: float = LEAST) -> Bool[np.ndarray, "regions parts"]:
        """Say which regions show which part.

        A region shows the part that covers most of it, and those that cover exactly as much, like two words
        for one object.

        Parameters
        ----------
        least
            Share of a region that a part has to cover.
        """
        covered = self.covered
        most = covered.max(axis=1, initial=0.0)[:, None]
        return (covered > 0) & (covered >= least) & (covered >= most)


def region_areas(labels: Int[np.ndarray, "height width"], n_regions: int) -> Float[np.ndarray, " regions"]:
    """Shares of the pixels that each region takes; pixels of no region (negative) do not count.

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
    """
    x, y = _centres(geometry)
    columns = (boxes[:, :1] <= x) & (x < boxes[:, :1] + boxes[:, 2:3]) & _seen(x, geometry.original_width)
    rows = (boxes[:, 1:2] <= y) & (y < boxes[:, 1:2] + boxes[:, 3:4]) & _seen(y, geometry.original_height)
    return np.asarray((rows[:, :, None] & columns[:, None, :]).any(axis=0))


def mask_in_view(
    mask: Bool[np.ndarray, "original_height original_width"], geometry: ViewGeometry
) -> Bool[np.ndarray, "height width"]:
    """Pixels of the model's view whose centres fall on the mask; padding does not.

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
