"""Every coalition of a small item."""

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.errors import InputError

__all__ = ["MOST_SEGMENTS", "enumerate_all", "product_law"]

MOST_SEGMENTS = 20
"""A million coalitions; nobody means to encode more for one item."""


def enumerate_all(n_segments: int) -> Bool[np.ndarray, "samples segments"]:
    """All ``2 ** n_segments`` coalitions in binary order: nothing kept first, everything last.

    Raises
    ------
    InputError
        If there is no segment, or more than ``MOST_SEGMENTS``.
    """
    if not 1 <= n_segments <= MOST_SEGMENTS:
        raise InputError(
            f"enumeration takes 1 to {MOST_SEGMENTS} segments, got {n_segments}: use a sampling design."
        )
    codes = np.arange(2**n_segments)[:, None]
    return (codes >> np.arange(n_segments)) & 1 == 1


def product_law(masks: Bool[np.ndarray, "samples segments"], p: float) -> Float[np.ndarray, " samples"]:
    """Probability of each coalition when every segment is kept with probability ``p`` on its own."""
    kept = masks.sum(axis=1)
    return p**kept * (1.0 - p) ** (masks.shape[1] - kept)
