"""Interface of readers of ground truth."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from jaxtyping import Bool

from tasks.corpora.regions.named_spans import PixelBox
from tasks.runs.items import Item

__all__ = ["TruePart", "Truth"]


@dataclass(frozen=True, slots=True, eq=False)
class TruePart:
    """Code points of a caption, and where the image shows what they name.

    A part without code points (start and end are equal) is shown by the image and not named by the caption.
    """

    char_start: int
    char_end: int
    shows: tuple[PixelBox, ...] | Bool[np.ndarray, "height width"]
    """Boxes, or a mask, in pixels of the upright original."""


class Truth(Protocol):
    """Truth of a whole corpus. Safe to share between threads."""

    def fingerprint(self) -> str:
        """Hex sha256 of what is read; it identifies a truth wherever it lies.

        Raises
        ------
        StorageError
            If the transport fails.
        """
        ...

    def parts(self, image: Item, text: Item) -> Sequence[TruePart]:
        """Known parts of a caption and an image; empty where nothing is known.

        Parameters
        ----------
        image
            Left item of the pair.
        text
            Its caption; spans count code points of it.

        Returns
        -------
        Sequence[TruePart]
            Parts with their spans and boxes or masks.

        Raises
        ------
        InputError
            If what is said of them cannot be used; the message names the place.
        StorageError
            If the transport fails.
        """
        ...
