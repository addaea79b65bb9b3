"""Explanation of a pair, the input of the faithfulness metrics."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

__all__ = ["PairExplanation"]


@dataclass(frozen=True, slots=True, eq=False)
class PairExplanation:
    """The surrogate of one pair under one estimator.

    Attributes
    ----------
    left_id, right_id
        Item ids; random controls derive from them.
    interactions
        W.
    left_raw, right_raw
        Coefficients of the surrogate's single segments, the other item empty (``raw_effect``).
    left_main, right_main
        Main effects, the other item perturbed (``effect``): the linear surrogate.
    left_areas, right_areas
        Share of its item that each segment takes: pixels of a region; words of a text count alike.
    """

    left_id: str
    right_id: str
    interactions: Float[np.ndarray, "left right"]
    left_raw: Float[np.ndarray, " left"]
    right_raw: Float[np.ndarray, " right"]
    left_main: Float[np.ndarray, " left"]
    right_main: Float[np.ndarray, " right"]
    left_areas: Float[np.ndarray, " left"]
    right_areas: Float[np.ndarray, " right"]

    @property
    def left_whole(self) -> Float[np.ndarray, " left"]:
        """Coefficients of left segments with the right item whole: alone they decide, W has added up."""
        return self.left_raw + self.interactions.sum(axis=1)

    @property
    def right_whole(self) -> Float[np.ndarray, " right"]:
        """Coefficients of right segments with the left item whole."""
        return self.right_raw + self.interactions.sum(axis=0)
