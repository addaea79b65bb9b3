"""Enumeration of the coalitions of a small item."""

import numpy as np
from jaxtyping import Bool, Float

from ilime_core.errors import InputError
from ilime_core.perturbation.iid import check_probability
from ilime_core.protocols.perturbation import Design

__all__ = ["MOST_SEGMENTS", "enumerate_all", "make_enumerate", "product_law"]

MOST_SEGMENTS = 20
"""A million coalitions: no run should encode more for one item."""


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


def make_enumerate(p: float) -> Design:
    """Return the design that takes every coalition of an item.

    Raises
    ------
    InputError
        If ``p`` is no probability; of the design, if an item has more coalitions than masks are allowed.
    """
    check_probability(p)

    def draw(n_segments: int, n_masks: int, rng: np.random.Generator) -> Bool[np.ndarray, "samples segments"]:
        del rng  # nothing is random where everything is drawn
        if n_segments >= 1 and 2**n_segments > n_masks:
            # The number itself has thousands of digits where the item has thousands of segments.
            n_all = 2**n_segments if n_segments <= MOST_SEGMENTS else f"2^{n_segments}"
            raise InputError(
                f"{n_segments} segments have {n_all} coalitions and {n_masks} masks are allowed: "
                "allow as many, or use a sampling design."
            )
        return enumerate_all(n_segments)

    return draw


def product_law(masks: Bool[np.ndarray, "samples segments"], p: float) -> Float[np.ndarray, " samples"]:
    """Probability of each coalition when segments are kept independently with probability ``p``.

    Parameters
    ----------
    masks
        Coalitions; True keeps the segment.
    p
        Probability of keeping a segment.

    Returns
    -------
    Float array, samples
        Probabilities; they sum to 1 over all coalitions.
    """
    kept = masks.sum(axis=1)
    return p**kept * (1.0 - p) ** (masks.shape[1] - kept)
