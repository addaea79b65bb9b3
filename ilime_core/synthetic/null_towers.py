"""Synthetic towers with some Banzhaf effects of exactly zero, to count false positives."""

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.synthetic.planted import PlantedTower

__all__ = ["HammingTower", "SumTower"]


class HammingTower(PlantedTower):
    """No segment has a Banzhaf effect, alone or with another; unit norm.

    A two-layer tanh network of products of three signs, s = 1 where a segment is kept and -1 where not.
    Segments have the numbers 1 ... n, and the products are those whose three numbers have an exclusive or of
    zero: code words of weight three of a shortened Hamming code. Products of code words are code words, and
    none has a weight of one or two. So for any network on them, the expansion in products of signs
    has no term of a single segment or of two: all Banzhaf values are exactly zero, while terms of odd order
    from the third up are what a regression takes for noise.
    """

    def __init__(self, seed: int, n_segments: int, dim: int) -> None:
        super().__init__(n_segments, dim)
        rng = np.random.default_rng(seed)
        self._triples = _triples(n_segments)
        count = self._triples.shape[1]
        self._first = torch.from_numpy(rng.standard_normal((count, dim))) * (1.5 / count**0.5)
        self._bias = torch.from_numpy(0.3 * rng.standard_normal(dim))
        self._second = torch.from_numpy(rng.standard_normal((dim, dim))) / dim**0.5
        self._shift = torch.from_numpy(0.3 * rng.standard_normal(dim))

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        signs = 2.0 * kept - 1.0
        first, second, third = (signs[:, place] for place in self._triples)
        hidden = torch.tanh(first * second * third @ self._first + self._bias)
        return torch.nn.functional.normalize(hidden @ self._second + self._shift, dim=1)


class SumTower(PlantedTower):
    """Two towers side by side: the first reads all segments, the second the last few alone; unit norm.

    The embeddings of both are concatenated, each divided by the root of 2. Beside a
    :class:`HammingTower` only the segments of the second tower have effects.
    """

    def __init__(self, whole: PlantedTower, last: PlantedTower) -> None:
        if last.n_segments > whole.n_segments:
            raise InputError(
                f"the second tower reads some of {whole.n_segments} segments, got one of {last.n_segments}."
            )
        super().__init__(whole.n_segments, whole.dim + last.dim)
        self._whole, self._last = whole, last

    def _embed(self, kept: Float[Tensor, "samples segments"]) -> Float[Tensor, "samples dim"]:
        parts = self._whole(kept > 0), self._last(kept[:, -self._last.n_segments :] > 0)
        return torch.cat(parts, dim=1) / 2**0.5


def _triples(n_segments: int) -> Int[Tensor, "3 triples"]:
    found = [
        (first - 1, second - 1, (first ^ second) - 1)
        for first in range(1, n_segments + 1)
        for second in range(first + 1, n_segments + 1)
        if second < first ^ second <= n_segments
    ]
    if not found:
        raise InputError(f"three segments are needed, got {n_segments}.")
    return torch.tensor(found).T
