"""Modality gap: distance between the mean embeddings of the two sides."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float64, Int64
from torch import Tensor

from ilime_core.aggregates.bounds import Bounds
from ilime_core.aggregates.estimate import LEVEL, Estimate
from ilime_core.aggregates.intervals import MeanEstimate, range_interval
from ilime_core.retrieval.pool import Pool

__all__ = ["GapEstimate", "modality_gap"]

ROWS_AT_ONCE = 8192
"""Embeddings in float64 at a time; fixed, so that no setting changes a sum."""


@dataclass(frozen=True, slots=True)
class GapEstimate:
    """Distance, and its share in the spread of the embeddings."""

    distance: Estimate
    share: Estimate


@dataclass(frozen=True, slots=True, eq=False)
class _Side:
    embeddings: Tensor
    rows: Int64[np.ndarray, " rows"]
    mean: Float64[np.ndarray, " dim"]

    @classmethod
    def of(cls, embeddings: Tensor, rows: Int64[np.ndarray, " rows"]) -> "_Side":
        sums = [chunk.sum(dim=0) for chunk in _chunks(embeddings, rows)]
        return cls(embeddings, rows, (torch.stack(sums).sum(dim=0) / len(rows)).cpu().numpy())

    def variance_along(self, slope: Float64[np.ndarray, " dim"]) -> float:
        """Variance of the mean's inner product with a slope."""
        n = len(self.rows)
        if n < 2:
            return np.nan
        along = torch.as_tensor(slope, device=self.embeddings.device)
        parts = [chunk @ along for chunk in _chunks(self.embeddings, self.rows)]
        return float(torch.cat(parts).var()) / n


def modality_gap(pool: Pool, chosen: Bool[np.ndarray, " queries"]) -> GapEstimate:
    """Distance of the mean embeddings of chosen queries and of all candidates, and its share.

    Parameters
    ----------
    pool
        Unit embeddings of both sides; the share rests on their norm of 1.
    chosen
        Queries that count.

    Returns
    -------
    GapEstimate
        Without a share where all embeddings are the same.

    Notes
    -----
    The distance is that of [1]_. The share is the part of the mean squared distance from the middle m of both
    means that is between the sides, not within: (distance / 2)^2 / (1 - |m|^2), both sides with equal weight
    *(ours)*. Standard errors by the delta method over the items of both sides; the intervals keep to 0 to 2
    and 0 to 1. Means of n and m items of one distribution are apart by chance, up to sqrt(1 / n + 1 / m) in
    the root mean square: a gap of that size is none, whatever its interval.

    References
    ----------
    .. [1] W. Liang, Y. Zhang, Y. Kwon, S. Yeung, J. Zou, "Mind the Gap: Understanding the Modality Gap in
       Multi-modal Contrastive Representation Learning", NeurIPS 35, 2022, arXiv:2203.02053.
    """
    n = int(chosen.sum())
    if not n:
        return GapEstimate(Estimate(), Estimate())
    queries = _Side.of(pool.queries, np.flatnonzero(chosen))
    candidates = _Side.of(pool.candidates, np.arange(len(pool.candidate_ids)))
    apart, middle = queries.mean - candidates.mean, (queries.mean + candidates.mean) / 2
    distance = float(np.linalg.norm(apart))
    between, spread = distance**2 / 4, 1 - float(middle @ middle)
    towards = apart / distance if distance > 0 else apart
    gap = _estimate(distance, (queries, candidates), (towards, -towards), Bounds(0.0, 2.0))
    if spread <= 1e-9:
        return GapEstimate(gap, Estimate(n=n))
    common = between / spread**2 * middle
    slopes = (apart / 2 / spread + common, -apart / 2 / spread + common)
    share = min(1.0, between / spread)
    return GapEstimate(gap, _estimate(share, (queries, candidates), slopes, Bounds(0.0, 1.0)))


def _estimate(
    value: float,
    sides: tuple[_Side, _Side],
    slopes: tuple[Float64[np.ndarray, " dim"], Float64[np.ndarray, " dim"]],
    bounds: Bounds,
) -> Estimate:
    """Estimate by the delta method; no interval where the value has no slope."""
    n = len(sides[0].rows)
    variance = sum(side.variance_along(slope) for side, slope in zip(sides, slopes, strict=True))
    if not variance > 0:
        return Estimate(value, n=n)
    error = float(np.sqrt(variance))
    fewest = min(len(side.rows) for side in sides)
    spread = MeanEstimate(value, error, fewest - 1.0, fewest, bounds)
    low, high = range_interval(spread, LEVEL) or (None, None)
    return Estimate(value, error, low, high, n)


def _chunks(embeddings: Tensor, rows: Int64[np.ndarray, " rows"]) -> Iterator[Tensor]:
    for start in range(0, len(rows), ROWS_AT_ONCE):
        places = torch.as_tensor(rows[start : start + ROWS_AT_ONCE], device=embeddings.device)
        yield embeddings[places].double()
