"""Probe of a tower on a few items: unit norm, finite values, repeatability, and independence of order."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

__all__ = ["Recall", "TowerProbe", "first_recall", "probe_tower"]


@dataclass(frozen=True, slots=True)
class TowerProbe:
    """What one batch says of a tower.

    Attributes
    ----------
    n_non_finite
        Rows with a NaN or an infinity.
    norm_error
        Largest distance of a row's length from one, of the finite rows.
    repeats
        Whether the same batch gave the same bits twice.
    order_gap
        Largest change of any number when the batch is turned round.
    """

    n_non_finite: int
    norm_error: float
    repeats: bool
    order_gap: float


@dataclass(frozen=True, slots=True)
class Recall:
    """R@1 of a small pool, and what guessing would reach there."""

    value: float
    chance: float
    n_queries: int


def probe_tower(encode: Callable[[Sequence[int]], Float[Tensor, "batch dim"]], n_items: int) -> TowerProbe:
    """Encode a batch, the same batch, and the batch from its end.

    Parameters
    ----------
    encode
        From the numbers of items, in order, to their embeddings, as one batch of one shape.
    n_items
        Size of the batch.

    Returns
    -------
    TowerProbe
        Gaps and norms of the finite rows, and the number of the others.
    """
    forward = list(range(n_items))
    first, again = encode(forward), encode(forward)
    turned = encode(forward[::-1]).flip(0)
    finite = torch.isfinite(first).all(dim=1)
    lengths = torch.linalg.vector_norm(first[finite].double(), dim=1)
    gaps = (first - turned)[finite].abs()
    return TowerProbe(
        n_non_finite=int((~finite).sum()),
        norm_error=float((lengths - 1).abs().max()) if len(lengths) else 0.0,
        repeats=torch.equal(first[finite], again[finite]),
        order_gap=float(gaps.max()) if gaps.numel() else 0.0,
    )


def first_recall(
    scores: Float[Tensor, "queries candidates"], relevant: Bool[Tensor, "queries candidates"]
) -> Recall:
    """Share of queries whose best candidate is relevant, of those that have a relevant one at all.

    Parameters
    ----------
    scores
        Score of each query with each candidate; of equal ones the first is the best.
    relevant
        True for candidates that answer the query.

    Returns
    -------
    Recall
        Zeros where no query has a relevant candidate.
    """
    asked = relevant.any(dim=1)
    n_queries = int(asked.sum())
    if not n_queries:
        return Recall(0.0, 0.0, 0)
    hits = relevant[asked].gather(1, scores[asked].argmax(dim=1, keepdim=True))
    chance = relevant[asked].double().mean(dim=1).mean()
    return Recall(float(hits.double().mean()), float(chance), n_queries)
