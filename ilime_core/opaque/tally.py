"""How many scores an explanation has cost."""

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.protocols import PairGame

__all__ = ["SilentGame", "Tally"]


class Tally:
    """A game that remembers what was asked of the one behind it.

    Repeated questions count once: a score costs the same however often it is used.
    """

    def __init__(self, game: PairGame) -> None:
        self._game = game
        self._asked: list[np.ndarray] = []

    @property
    def n_left(self) -> int:
        """Segments of the left item."""
        return self._game.n_left

    @property
    def n_right(self) -> int:
        """Segments of the right item."""
        return self._game.n_right

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Scores of joint coalitions, row by row."""
        self._asked.append(_packed(left, right))
        return self._game.score(left, right)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Scores of every left with every right coalition."""
        self._asked.append(
            _packed(left.repeat_interleave(len(right), dim=0), right.repeat(len(left), 1)),
        )
        return self._game.grid(left, right)

    def counts(self) -> tuple[int, int, int]:
        """Distinct joint rows, left and right coalitions that were asked for."""
        asked = np.unique(np.concatenate(self._asked), axis=0)
        cut = -(-self.n_left // 8)
        left, right = (len(np.unique(side, axis=0)) for side in (asked[:, :cut], asked[:, cut:]))
        return len(asked), left, right


class SilentGame:
    """Scores nothing: no estimator's questions depend on the answers, so they can be counted beforehand."""

    def __init__(self, n_left: int, n_right: int) -> None:
        self.n_left = n_left
        self.n_right = n_right

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Zeros."""
        del right
        return torch.zeros(len(left), dtype=torch.float64)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Zeros."""
        return torch.zeros(len(left), len(right), dtype=torch.float64)


def _packed(left: Tensor, right: Tensor) -> np.ndarray:
    return np.concatenate([np.packbits(side.cpu().numpy(), axis=1) for side in (left, right)], axis=1)
