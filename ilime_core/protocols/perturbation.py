"""Protocols of what cuts an item, draws its coalitions and replaces removed segments."""

from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, UInt8

from ilime_core.view_records import ImageSegments

__all__ = ["Baseline", "Design", "Segmenter"]


@runtime_checkable
class Segmenter(Protocol):
    """Cuts a view into segments."""

    def __call__(self, pixels: UInt8[np.ndarray, "height width 3"]) -> ImageSegments: ...


@runtime_checkable
class Design(Protocol):
    """Draws the coalitions of one item."""

    def __call__(
        self, n_segments: int, n_masks: int, rng: np.random.Generator
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw masks; may return more rows than asked (whole blocks), never fewer.

        Parameters
        ----------
        n_segments
            Segments of the item, at least 1.
        n_masks
            Masks wanted.
        rng
            Source of the masks.

        Returns
        -------
        Bool array, samples x segments
            True keeps the segment.
        """
        ...


@runtime_checkable
class Baseline(Protocol):
    """Replacement of removed segments: a whole picture in the space of the view.

    None instead of a picture: nothing is painted, and the tower is not shown the tokens of removed patches.
    """

    def __call__(
        self, pixels: UInt8[np.ndarray, "height width 3"], segments: ImageSegments, rng: np.random.Generator
    ) -> UInt8[np.ndarray, "height width 3"] | None: ...
