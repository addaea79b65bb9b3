"""Ground truth of one image-text pair: where the image shows what the words of the text name."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["NamedPart", "RegionTruth"]

LEAST = 0.05
"""Share of a region that a part has to cover before the region shows it."""


@dataclass(frozen=True, slots=True, eq=False)
class NamedPart:
    """Words of a text, and where the image shows what they name.

    Attributes
    ----------
    words
        Segments of the text, in order; none of a part that the text does not name.
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
