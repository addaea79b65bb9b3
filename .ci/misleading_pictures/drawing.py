"""Colours and heat maps of the pictures."""

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.colors import TwoSlopeNorm

__all__ = ["BLUE", "GREY", "RED", "heat"]

RED, BLUE, GREY = "#b2182b", "#2166ac", "#878787"


def heat(axis: Axes, weights: Float[np.ndarray, "rows words"], scale: float, sure: np.ndarray | None) -> None:
    """Cells in the colours of the viewer; faint where they are not sure."""
    alpha = None if sure is None else np.where(sure, 1.0, 0.18)
    axis.imshow(weights, cmap="RdBu_r", norm=TwoSlopeNorm(0, -scale, scale), alpha=alpha, aspect="auto")
