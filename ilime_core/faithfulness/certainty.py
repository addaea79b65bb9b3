"""Certainty: share of the interactions that are told from zero."""

from ilime_core.faithfulness.measurement import Control, FaithfulnessValue
from ilime_core.faithfulness.stored import StoredPair

__all__ = ["certainty"]


def certainty(pair: StoredPair) -> tuple[FaithfulnessValue, ...]:
    """Share of the cells of W that are told from zero at 5 %, false discoveries controlled.

    Each weight over its standard error is held against Student's t with the error's degrees of freedom, on
    both sides, and all cells of the pair against each other by Benjamini and Hochberg: stage fit does so for
    every pair (:func:`~ilime_core.interactions.significance.pair_significance`). Where nothing is there, some
    discovery is made in 5 % of the pairs, so that no chance control stands beside.

    Without a value where errors are unknown, and where nothing was drawn: of a method that computes its
    weights, and of items all of whose coalitions were encoded, no weight is estimated, so none is certain.
    """
    value = pair.shares.share_certain
    return (FaithfulnessValue("certainty", "none", Control.EXPLANATION, value, direction="higher"),)
