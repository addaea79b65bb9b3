"""Independent Bernoulli masks at any keeping probability."""

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError, RankDeficientError
from ilime_core.protocols.perturbation import Design

__all__ = ["bernoulli_masks", "check_probability", "check_rank", "iid"]


def iid(p: float) -> Design:
    """Design of independent rows that keep each segment with probability ``p``.

    The returned design raises RankDeficientError if its rows cannot identify the effects.

    Raises
    ------
    InputError
        If ``p`` is not strictly between 0 and 1.
    """
    check_probability(p)

    def draw(n_segments: int, n_masks: int, rng: np.random.Generator) -> Bool[np.ndarray, "samples segments"]:
        masks = bernoulli_masks(n_segments, n_masks, p, rng)
        check_rank(masks)
        return masks

    return draw


def bernoulli_masks(
    n_segments: int, n_masks: int, p: float, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw independent rows without a check of their rank: sufficient where no regression is fitted on them.

    Parameters
    ----------
    n_segments
        Segments of the item.
    n_masks
        Rows to draw.
    p
        Probability of keeping a segment.
    rng
        Source of the rows.

    Returns
    -------
    Bool array, samples x segments
        True keeps the segment.
    """
    return rng.random((n_masks, n_segments)) < p


def check_probability(p: float) -> None:
    """Refuse a keeping probability outside (0, 1), at which nothing varies.

    Raises
    ------
    InputError
        If ``p`` is not strictly between 0 and 1.
    """
    if not 0.0 < p < 1.0:
        raise InputError(f"the keeping probability must be strictly between 0 and 1, got {p}.")


def check_rank(masks: Bool[np.ndarray, "samples segments"]) -> None:
    """Refuse masks whose centred columns are linearly dependent.

    Raises
    ------
    RankDeficientError
        The message says how many masks are needed.
    """
    n_masks, n_segments = masks.shape
    if n_segments < 1:
        raise InputError(f"a design needs at least one segment, got {n_segments}.")
    centred = masks - masks.mean(axis=0) if n_masks else np.zeros((1, n_segments))
    rank = int(np.linalg.matrix_rank(centred))
    if rank < n_segments:
        raise RankDeficientError(
            f"{n_masks} masks of {n_segments} segments have centred rank {rank}: at least {n_segments + 1} "
            f"are needed, and {2 * n_segments + 8} make it likely that they suffice."
        )
