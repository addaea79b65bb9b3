"""Records of what a model is shown, views and segments; a module of its own, so that they need no torch."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8

__all__ = ["ImageSegments", "ImageView", "TextSegments", "ViewGeometry"]


@dataclass(frozen=True, slots=True)
class ViewGeometry:
    """Position of the model's view in the upright original image.

    ``original`` pixel (x, y) lies at ``((x - left) * scale_x, (y - top) * scale_y)`` of the view. Views that
    squash have different scales; parts of the original outside the view are *not seen* by the model, and
    parts of the view outside the original (padding) belong to no segment's original area.
    """

    original_width: int
    original_height: int
    view_width: int
    view_height: int
    left: float
    """Left edge of the view in original pixels (negative when padded)."""
    top: float
    scale_x: float
    """View pixels per original pixel."""
    scale_y: float


@dataclass(frozen=True, slots=True, eq=False)
class ImageView:
    """An image as the model sees it, before normalisation."""

    pixels: UInt8[np.ndarray, "height width 3"]
    geometry: ViewGeometry


@dataclass(frozen=True, slots=True, eq=False)
class ImageSegments:
    """Label map of a view; labels are 0 ... n_segments - 1, each present."""

    labels: Int[np.ndarray, "height width"]
    n_segments: int


@dataclass(frozen=True, slots=True)
class TextSegments:
    """Explained spans of a text, in code points, in reading order, not overlapping.

    ``truncated`` marks spans beyond the model's context: they have no effect and are not perturbed. The first
    ``n_segments`` spans are perturbed; truncated spans can only be at the end.
    """

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    truncated: tuple[bool, ...]

    @property
    def n_segments(self) -> int:
        """Number of spans that the model sees."""
        return self.truncated.count(False)
