"""The pair whole and empty: what every explanation is measured against."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.protocols import PairGame

__all__ = ["Corners", "ends", "score_corners"]


@dataclass(frozen=True, slots=True)
class Corners:
    """Scores of the four corners."""

    full: float
    left_empty: float
    right_empty: float
    empty: float

    @classmethod
    def of(cls, scores: Float[Tensor, "2 2"]) -> "Corners":
        """Read them off the grid of :func:`ends` of both sides."""
        (empty, left_empty), (right_empty, full) = scores.tolist()
        return cls(full, left_empty, right_empty, empty)


def ends(n_segments: int) -> Bool[Tensor, "2 segments"]:
    """Nothing kept, then everything."""
    return torch.tensor([False, True])[:, None].expand(2, n_segments)


def score_corners(game: PairGame) -> Corners:
    """Ask a game for its corners."""
    return Corners.of(game.grid(ends(game.n_left), ends(game.n_right)).double())
