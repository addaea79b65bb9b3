"""Synthetic towers without a model: planted ones with known effects, and nonlinear toys."""

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.errors import InputError

__all__ = ["AdditiveTower", "AttentionTower", "BilinearPlanted", "PlantedTower", "TanhTower"]


class PlantedTower:
    """Base of the synthetic towers: embeds masks in double precision and counts the embedded rows."""

    def __init__(self, n_segments: int, dim: int) -> None:
        self.n_segments = n_segments
        self.dim = dim
        self.n_calls = 0
        self.n_encoded = 0

    def __call__(
        self, masks: Bool[Tensor, "samples segments"] | Bool[np.ndarray, "samples segments"]
    ) -> Tensor:
        """Embed coalitions.

        Raises
        ------
        InputError
            If the masks have another number of segments.
        """
        kept = torch.as_tensor(masks)
        if kept.shape[1] != self.n_segments:
            raise InputError(f"this tower has {self.n_segments} segments, got masks of {kept.shape[1]}.")
        self.n_calls += 1
        self.n_encoded += len(kept)
        return self._embed(kept.double())

    @property
    def empty(self) -> Float[Tensor, " dim"]:
        """Embedding with nothing kept; not counted."""
        return self._embed(torch.zeros(1, self.n_segments, dtype=torch.float64))[0]

    @property
    def full(self) -> Float[Tensor, " dim"]:
        """Embedding with everything kept; not counted."""
        return self._embed(torch.ones(1, self.n_segments, dtype=torch.float64))[0]

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        raise NotImplementedError


class AdditiveTower(PlantedTower):
    """``intercept + masks @ effects``: every estimator must return ``effects``."""

    def __init__(self, effects: Float[Tensor, "segments dim"], intercept: Float[Tensor, " dim"]) -> None:
        super().__init__(*effects.shape)
        self.effects = effects.double()
        self.intercept = intercept.double()

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        return self.intercept + kept @ self.effects


class BilinearPlanted:
    """Two additive towers whose interactions are a planted matrix of rank ``len(strengths)``.

    Attributes
    ----------
    left, right
        The towers.
    interactions
        The planted W.
    left_factors, right_factors
        Its orthonormal singular vectors as columns, with ``strengths``; signs as drawn.
    """

    def __init__(self, seed: int, n_left: int, n_right: int, dim: int, strengths: tuple[float, ...]) -> None:
        rank = len(strengths)
        if rank > min(n_left, n_right, dim):
            raise InputError(
                f"{n_left} x {n_right} interactions in {dim} dimensions cannot have rank {rank}."
            )
        rng = np.random.default_rng(seed)
        self.strengths = torch.tensor(strengths, dtype=torch.float64)
        self.left_factors = _orthonormal(rng, n_left, rank)
        self.right_factors = _orthonormal(rng, n_right, rank)
        roots = self.strengths.sqrt()
        directions = _orthonormal(rng, dim, rank)
        self.left = AdditiveTower(self.left_factors * roots @ directions.T, _normal(rng, dim))
        self.right = AdditiveTower(self.right_factors * roots @ directions.T, _normal(rng, dim))
        self.interactions = self.left_factors * self.strengths @ self.right_factors.T


class TanhTower(PlantedTower):
    """The mild toy: a two-layer tanh network, unit norm."""

    def __init__(self, seed: int, n_segments: int, dim: int) -> None:
        super().__init__(n_segments, dim)
        rng = np.random.default_rng(seed)
        self._first = _normal(rng, n_segments, dim) * (1.5 / n_segments**0.5)
        self._bias = 0.3 * _normal(rng, dim)
        self._second = _normal(rng, dim, dim) / dim**0.5
        self._shift = 0.3 * _normal(rng, dim)

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        hidden = torch.tanh(kept @ self._first + self._bias)
        return torch.nn.functional.normalize(hidden @ self._second + self._shift, dim=1)


class AttentionTower(PlantedTower):
    """The strong toy: attention pooling over the segments that are present and a class token, unit norm."""

    def __init__(self, seed: int, n_segments: int, dim: int, sharpness: float = 2.0) -> None:
        super().__init__(n_segments, dim)
        rng = np.random.default_rng(seed)
        self._attention = torch.exp(sharpness * _normal(rng, n_segments))
        self._tokens = _normal(rng, n_segments, dim)
        self._class_token = _normal(rng, dim)

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        weights = kept * self._attention
        pooled = (weights @ self._tokens + self._class_token) / (weights.sum(dim=1, keepdim=True) + 1.0)
        return torch.nn.functional.normalize(pooled, dim=1)


def _normal(rng: np.random.Generator, *shape: int) -> Tensor:
    return torch.from_numpy(rng.standard_normal(shape))


def _orthonormal(rng: np.random.Generator, rows: int, columns: int) -> Tensor:
    return torch.linalg.qr(_normal(rng, rows, columns)).Q
