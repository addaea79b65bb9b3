"""Four corner scores of a pair: each item whole or empty."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool
from torch import Tensor

from ilime_core.protocols.pairs import PairGame

__all__ = ["Corners", "ends", "score_corners"]


@dataclass(frozen=True, slots=True)
class Corners:
    """Scores of the four corners: each item whole or empty."""

    full: float
    left_empty: float
    right_empty: float
    empty: float


def ends(n_segments: int) -> Bool[Tensor, "2 segments"]:
    """Return the empty and the full coalition, in this order."""
    return torch.tensor([False, True])[:, None].expand(2, n_segments)


def score_corners(game: PairGame) -> Corners:
    """Score the four corners of a game."""
    (empty, left_empty), (right_empty, full) = game.grid(ends(game.n_left), ends(game.n_right)).tolist()
    return Corners(full, left_empty, right_empty, empty)
