"""Counter of the distinct scores that an explanation costs."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float, Int, UInt8
from torch import Tensor

from ilime_core.protocols.pairs import PairGame

__all__ = ["SilentGame", "Tally"]


@dataclass(frozen=True, slots=True, eq=False)
class _Question:
    """Packed coalitions of both sides: paired row by row, or crossed."""

    left: UInt8[np.ndarray, "left_rows left_bytes"]
    right: UInt8[np.ndarray, "right_rows right_bytes"]
    is_grid: bool


class Tally:
    """Pair game that records the questions to another game and passes them on.

    Repeated questions count once, because a game never computes the same score twice.
    """

    def __init__(self, game: PairGame) -> None:
        self._game = game
        self._asked: list[_Question] = []

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
        """Score joint coalitions, row by row, and record them.

        Parameters
        ----------
        left, right
            Coalitions of either item, one row of each per score.

        Returns
        -------
        Tensor, rows
            Scores of the wrapped game.
        """
        self._asked.append(_Question(_packed(left), _packed(right), is_grid=False))
        return self._game.score(left, right)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Score every left with every right coalition, and record the grid.

        Parameters
        ----------
        left, right
            Coalitions of either item.

        Returns
        -------
        Tensor, left_rows x right_rows
            Scores of the wrapped game.
        """
        self._asked.append(_Question(_packed(left), _packed(right), is_grid=True))
        return self._game.grid(left, right)

    def counts(self) -> tuple[int, int, int]:
        """Count the distinct joint rows, left coalitions and right coalitions that were scored."""
        left, n_left = _numbered([one.left for one in self._asked])
        right, n_right = _numbered([one.right for one in self._asked])
        joint = [
            (x[:, None] * n_right + y[None] if one.is_grid else x * n_right + y).ravel()
            for one, x, y in zip(self._asked, left, right, strict=True)
        ]
        return len(np.unique(np.concatenate(joint))), n_left, n_right


class SilentGame:
    """Pair game whose scores are all zero, to count an estimator's questions before any score is computed."""

    def __init__(self, n_left: int, n_right: int) -> None:
        self.n_left = n_left
        self.n_right = n_right

    def score(
        self, left: Bool[Tensor, "rows left"], right: Bool[Tensor, "rows right"]
    ) -> Float[Tensor, " rows"]:
        """Return a zero for each joint coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item, one row of each per score.

        Returns
        -------
        Tensor, rows
            Zeros, float64.
        """
        del right
        return torch.zeros(len(left), dtype=torch.float64)

    def grid(
        self, left: Bool[Tensor, "left_rows left"], right: Bool[Tensor, "right_rows right"]
    ) -> Float[Tensor, "left_rows right_rows"]:
        """Return a zero for every left with every right coalition.

        Parameters
        ----------
        left, right
            Coalitions of either item.

        Returns
        -------
        Tensor, left_rows x right_rows
            Zeros, float64.
        """
        return torch.zeros(len(left), len(right), dtype=torch.float64)


def _packed(masks: Tensor) -> UInt8[np.ndarray, "rows bytes"]:
    return np.packbits(masks.cpu().numpy(), axis=1)


def _numbered(
    questions: Sequence[UInt8[np.ndarray, "_ bytes"]],
) -> tuple[list[Int[np.ndarray, " _"]], int]:
    """A number for each distinct coalition, by question, and how many there are."""
    distinct, numbers = np.unique(np.concatenate(questions), axis=0, return_inverse=True)
    ends = np.cumsum([len(one) for one in questions])[:-1]
    return np.split(numbers.reshape(-1), ends), len(distinct)
