"""Scores that lie closer together than devices can tell apart, so that either may be ranked first."""

import numpy as np
from jaxtyping import Bool, Float

__all__ = ["tied_candidates"]


def tied_candidates(
    query: Float[np.ndarray, " dim"],
    candidates: Float[np.ndarray, "candidates dim"],
    score: float,
    tolerance: float,
) -> Bool[np.ndarray, " candidates"]:
    """Mark the candidates whose score is tied with a given one.

    Parameters
    ----------
    query, candidates
        Unit-norm embeddings; scores are their inner products.
    score
        Score that others are held against.
    tolerance
        Largest difference of tied scores.

    Returns
    -------
    Boolean array, candidates
        True where a score differs by at most the tolerance.
    """
    return np.abs(candidates @ query - score) <= tolerance
