"""Mean colour of a dataset, for baseline dataset_mean."""

import numpy as np
from jaxtyping import Float, UInt8

__all__ = ["ColourSum"]


class ColourSum:
    """Running mean of the colours of views, so that the colour of a sample is fixed before a run."""

    def __init__(self) -> None:
        self._sum: Float[np.ndarray, " 3"] = np.zeros(3)
        self._n_views = 0

    def add(self, pixels: UInt8[np.ndarray, "height width 3"]) -> None:
        """Add one view; every view has the same weight, whatever its size."""
        self._sum += pixels.reshape(-1, 3).mean(axis=0)
        self._n_views += 1

    def mean(self) -> tuple[int, int, int]:
        """Mean colour, rounded; mid-grey when no view was added."""
        if self._n_views == 0:
            return (127, 127, 127)
        red, green, blue = np.floor(self._sum / self._n_views + 0.5).astype(int).tolist()
        return red, green, blue
