"""Definitions that the estimators are held against: brute force over all coalitions."""

from collections.abc import Callable

import pytest
import torch

from ilime_core.perturbation.enumerate_all import enumerate_all
from ilime_core.synthetic.planted import AttentionTower, TanhTower


class InnerProductGame:
    """A dual encoder's cosine as a game."""

    def __init__(self, left, right):
        self.left, self.right = left, right
        self.n_left, self.n_right = left.n_segments, right.n_segments

    def score(self, left, right):
        return (self.left(left) * self.right(right)).sum(1)

    def grid(self, left, right):
        return self.left(left) @ self.right(right).mT


@pytest.fixture
def cosine_game() -> Callable[[int, int], InnerProductGame]:
    """Nonlinear towers with the given numbers of segments."""
    return lambda n, m: InnerProductGame(AttentionTower(1, n, 12), TanhTower(2, m, 12))


@pytest.fixture
def brute_affine() -> Callable[..., torch.Tensor]:
    """Least squares of rows on [1, z_x, z_y, z_x (x) z_y], by the whole design."""

    def solve(left, right, scores, weights=None):
        z, w = left.double(), right.double()
        products = (z[:, :, None] * w[:, None, :]).flatten(1)
        design = torch.cat([torch.ones(len(z), 1, dtype=torch.float64), z, w, products], dim=1)
        root = torch.ones(len(z), dtype=torch.float64) if weights is None else weights.sqrt()
        return torch.linalg.lstsq(root[:, None] * design, (root * scores)[:, None]).solution[:, 0]

    return solve


@pytest.fixture
def all_joint() -> Callable[[int, int], tuple[torch.Tensor, torch.Tensor]]:
    """Every joint coalition, left ones slowest."""

    def rows(n, m):
        left, right = torch.as_tensor(enumerate_all(n)), torch.as_tensor(enumerate_all(m))
        return left.repeat_interleave(len(right), 0), right.repeat(len(left), 1)

    return rows
