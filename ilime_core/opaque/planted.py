"""Synthetic pair games with known coefficients."""

from collections.abc import Callable

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["PlantedPairGame"]


class PlantedPairGame:
    """``link(c + a.z_x + b.z_y + z_x^T W z_y) + noise``, with c, a, b and W drawn from a seed.

    Attributes
    ----------
    intercept, left_effects, right_effects, interactions
        c, a, b and W.
    n_scored
        Joint rows scored so far.
    """

    def __init__(
        self,
        seed: int,
        n_left: int,
        n_right: int,
        *,
        link: Callable[[Tensor], Tensor] | None = None,
        additive: bool = False,
        noise: float = 0.0,
    ) -> None:
        """Draw a game.

        Parameters
        ----------
        seed
            Of the coefficients.
        n_left, n_right
            Segments of either item.
        link
            Applied to the bilinear form; None is the identity.
        additive
            Plants W = 0.
        noise
            Standard deviation of what is added after the link: a function of the joint coalition, so that a
            coalition that is scored twice has one score.
        """
        rng = np.random.default_rng(seed)
        self.intercept = float(rng.standard_normal())
        self.left_effects = torch.from_numpy(rng.standard_normal(n_left))
        self.right_effects = torch.from_numpy(rng.standard_normal(n_right))
        drawn = torch.from_numpy(rng.standard_normal((n_left, n_right)))
        self.interactions = torch.zeros_like(drawn) if additive else drawn
        self.noise = noise
        self.n_scored = 0
        self._link = link
        self._salt = torch.from_numpy(rng.uniform(1e3, 2e3, n_left + n_right))

    @property
    def n_left(self) -> int:
        """Segments of the left item."""
        return len(self.left_effects)

    @property
    def n_right(self) -> int:
        """Segments of the right item."""
        return len(self.right_effects)

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Score joint coalitions, row by row.

        Parameters
        ----------
        left, right
            Coalitions of either item, one row of each per score; True keeps the segment.

        Returns
        -------
        Tensor, rows
            Scores with noise, float64.

        Raises
        ------
        InputError
            If the masks are not of this pair's segments.
        """
        if (left.shape[1], right.shape[1]) != (self.n_left, self.n_right):
            raise InputError(
                f"this game has {self.n_left} and {self.n_right} segments, got masks of {left.shape[1]} and "
                f"{right.shape[1]}."
            )
        self.n_scored += len(left)
        z, w = left.double(), right.double()
        form = self.intercept + z @ self.left_effects + w @ self.right_effects
        form = form + ((z @ self.interactions) * w).sum(dim=1)
        scores = form if self._link is None else self._link(form)
        # An even spread over (-1, 1) has variance 1/3; far phases of a sine are as good as independent.
        phases = torch.remainder(torch.sin(torch.cat([z, w], dim=1) @ self._salt) * 1e4, 1.0)
        return scores + self.noise * 3**0.5 * (2 * phases - 1)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Score every left with every right coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item; True keeps the segment.

        Returns
        -------
        Tensor, left_rows x right_rows
            Scores with noise, float64.
        """
        rows = self.score(left.repeat_interleave(len(right), dim=0), right.repeat(len(left), 1))
        return rows.reshape(len(left), len(right))
