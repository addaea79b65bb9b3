"""Rows that estimators other than banzhaf and product_shapley ask for, set by set."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool

from ilime_core.perturbation.quadrature_rows import quadrature_rows, rows_per_node
from ilime_core.perturbation.stratified import stratified
from ilime_core.perturbation.windows import Neighbours, nearest_words, windows

__all__ = ["ROW_SETS", "Neighbours", "RowRequest", "RowSet"]


@dataclass(frozen=True, slots=True)
class RowRequest:
    """One set of rows that a spec asks for; a set reads what it needs of it."""

    name: str
    n_masks: int = 0
    p: float = 0.5
    nodes: int = 4
    """Keeping probabilities of a quadrature."""
    block_segments: int = 1
    """Segments of a window."""


@dataclass(frozen=True, slots=True)
class RowSet:
    """How a set of rows is counted and drawn."""

    count: Callable[[int, RowRequest], int]
    """Rows for an item of so many segments."""
    draw: Callable[
        [int, RowRequest, np.random.Generator, Neighbours | None], Bool[np.ndarray, "samples segments"]
    ]
    placed: bool = False
    """Whether the rows depend on where segments lie; they then stand beside an enumeration, too, which does
    not tell which of its coalitions they are."""


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


def _quadrature(
    n_segments: int, request: RowRequest, rng: np.random.Generator, neighbours: Neighbours | None
) -> Bool[np.ndarray, "samples segments"]:
    del neighbours  # sizes are drawn, places do not matter
    return quadrature_rows(n_segments, request.n_masks, request.nodes, rng)


def _windows(
    n_segments: int, request: RowRequest, rng: np.random.Generator, neighbours: Neighbours | None
) -> Bool[np.ndarray, "samples segments"]:
    del rng  # every segment has its window
    near = nearest_words(n_segments) if neighbours is None else neighbours
    return windows(near, request.block_segments)


ROW_SETS: Mapping[str, RowSet] = {
    "weighted": RowSet(lambda _, request: request.n_masks, _weighted),
    "leave_one_out": RowSet(lambda n_segments, _: n_segments, _leave_one_out),
    "quadrature": RowSet(
        lambda n_segments, request: request.nodes * rows_per_node(n_segments, request.n_masks, request.nodes),
        _quadrature,
    ),
    "windows": RowSet(lambda n_segments, _: n_segments, _windows, placed=True),
}
"""``weighted``: sizes from Binomial(n, p); ``leave_one_out``: one segment removed; ``quadrature``: several
keeping probabilities; ``windows``: a segment and its neighbours removed."""
