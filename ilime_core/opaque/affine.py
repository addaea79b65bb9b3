"""Affine bilinear surrogate of a pair's scores."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["AffineForm"]


@dataclass(frozen=True, slots=True, eq=False)
class AffineForm:
    """``c + a.z_x + b.z_y + z_x^T W z_y``, and pairs of segments within an item where they were fitted.

    Attributes
    ----------
    left_within, right_within
        Symmetric, zero diagonals: each pair is stored twice and counts once.
    """

    intercept: float
    left: Float[Tensor, " left"]
    right: Float[Tensor, " right"]
    weights: Float[Tensor, "left right"]
    left_within: Float[Tensor, "left left"] | None = None
    right_within: Float[Tensor, "right right"] | None = None

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Evaluate the form on every left with every right coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item; True keeps the segment.

        Returns
        -------
        Tensor, left_rows x right_rows
            Predicted scores, in the unit of the game's scores.
        """
        z, w = left.to(self.left), right.to(self.right)
        of_left = z @ self.left + _pairs_within(z, self.left_within)
        of_right = w @ self.right + _pairs_within(w, self.right_within)
        return self.intercept + of_left[:, None] + of_right[None, :] + z @ self.weights @ w.mT

    def linear_part(self, p: float) -> "AffineForm":
        """Best approximation of the form without W, where each segment is kept with probability ``p``."""
        return AffineForm(
            self.intercept - p**2 * float(self.weights.sum()),
            self.left + p * self.weights.sum(dim=1),
            self.right + p * self.weights.sum(dim=0),
            torch.zeros_like(self.weights),
        )


def _pairs_within(rows: Tensor, within: Tensor | None) -> Tensor:
    if within is None:
        return rows.new_zeros(len(rows))
    return ((rows @ within) * rows).sum(dim=1) / 2.0
