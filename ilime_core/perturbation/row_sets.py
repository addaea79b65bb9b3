"""Rows that estimators other than banzhaf and product_shapley ask for, set by set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int

from ilime_core.perturbation.stratified import stratified

__all__ = ["ROW_SETS", "Neighbours", "RowRequest", "RowSet"]

Neighbours = Int[np.ndarray, "segments segments"]
"""Row i: all segments by their distance from segment i, itself first."""


@dataclass(frozen=True, slots=True)
class RowRequest:
    """One set of rows that a spec asks for; a set reads what it needs of it."""

    name: str
    n_masks: int = 0
    p: float = 0.5


@dataclass(frozen=True, slots=True)
class RowSet:
    """How a set of rows is counted and drawn."""

    count: Callable[[int, RowRequest], int]
    """Rows for an item of so many segments."""
    draw: Callable[
        [int, RowRequest, np.random.Generator, Neighbours | None], Bool[np.ndarray, "samples segments"]
    ]


def _weighted(
    n_segments: int, request: RowRequest, rng: np.random.Generator, neighbours: Neighbours | None
) -> Bool[np.ndarray, "samples segments"]:
    del neighbours  # sizes are drawn, places do not matter
    return stratified(request.p)(n_segments, request.n_masks, rng)


def _leave_one_out(
    n_segments: int, request: RowRequest, rng: np.random.Generator, neighbours: Neighbours | None
) -> Bool[np.ndarray, "samples segments"]:
    del request, rng, neighbours  # nothing to choose
    return ~np.eye(n_segments, dtype=bool)


ROW_SETS: Mapping[str, RowSet] = {
    "weighted": RowSet(lambda _, request: request.n_masks, _weighted),
    "leave_one_out": RowSet(lambda n_segments, _: n_segments, _leave_one_out),
}
"""``weighted``: sizes from Binomial(n, p); ``leave_one_out``: one segment removed."""
