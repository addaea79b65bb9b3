"""Rows at several keeping probabilities p, for indices that integrate over p."""

from dataclasses import dataclass, field
from math import ceil

import numpy as np
from jaxtyping import Bool, Float, Int

from ilime_core.errors import InputError, RankDeficientError
from ilime_core.perturbation.binomial import binomial_law
from ilime_core.perturbation.foldover import foldover, foldover_rows
from ilime_core.perturbation.row_set import Neighbours
from ilime_core.perturbation.stratified import systematic_sample

__all__ = ["Nodes", "QuadratureRows", "gauss_legendre", "quadrature_rows", "rows_per_node"]

LEAST_NODES, MOST_NODES = 2, 16
LEAST_ROWS_PER_SEGMENT = 2.5
LEAST_FILLED_PER_SEGMENT = 1.5
"""Rows a segment that keep something: short texts have few of them at a small p."""

ATTEMPTS = 50
"""Attempts to draw subsets of the same sizes from which the effects can be identified."""


@dataclass(frozen=True, slots=True, eq=False)
class Nodes:
    """Gauss-Legendre nodes on [0, 1], ascending, with their weights: the last ones mirror the first."""

    p: Float[np.ndarray, " nodes"]
    weight: Float[np.ndarray, " nodes"]


def gauss_legendre(n_nodes: int) -> Nodes:
    """Nodes that integrate polynomials of degree ``2 n_nodes - 1`` exactly.

    Raises
    ------
    InputError
        If ``n_nodes`` is below 2, where weights would not sum to one for every index, or above 16.
    """
    if not LEAST_NODES <= n_nodes <= MOST_NODES:
        raise InputError(f"{LEAST_NODES} to {MOST_NODES} quadrature nodes are needed, got {n_nodes}.")
    points, weights = np.polynomial.legendre.leggauss(n_nodes)
    return Nodes((1.0 + points) / 2.0, weights / 2.0)


@dataclass(frozen=True, slots=True)
class QuadratureRows:
    """Row set with the same number of rows at each of several keeping probabilities."""

    n_masks: int
    nodes: int
    placed: bool = field(default=False, init=False)

    def count(self, n_segments: int) -> int:
        """Rows of an item with ``n_segments`` segments."""
        return self.nodes * rows_per_node(n_segments, self.n_masks, self.nodes)

    def draw(
        self, n_segments: int, rng: np.random.Generator, neighbours: Neighbours | None
    ) -> Bool[np.ndarray, "samples segments"]:
        """Draw the rows of an item.

        Parameters
        ----------
        n_segments
            Segments of the item.
        rng
            Source of the rows.
        neighbours
            Not read: these rows do not depend on places.

        Returns
        -------
        Bool array, samples x segments
            Rows by ascending keeping probability.
        """
        del neighbours  # sizes are drawn, places do not matter
        return quadrature_rows(n_segments, self.n_masks, self.nodes, rng)


def rows_per_node(n_segments: int, n_masks: int, n_nodes: int) -> int:
    """Rows that each node gets: its share of ``n_masks``, rounded up to what its regression needs.

    The regression needs 2.5 rows a segment, and about 1.5 rows a segment that keep anything at the smallest
    p. With an odd number of nodes each gets whole fold-over blocks, as the one at p = 1/2 needs.

    Parameters
    ----------
    n_segments
        Segments of the item.
    n_masks
        Rows wanted over all nodes.
    n_nodes
        Nodes of the quadrature, 2 to 16.

    Returns
    -------
    int
        Rows of each node.
    """
    smallest = gauss_legendre(n_nodes).p[0]
    filled = 1.0 - (1.0 - smallest) ** n_segments
    rows = max(
        ceil(n_masks / n_nodes),
        ceil(LEAST_ROWS_PER_SEGMENT * n_segments),
        ceil(LEAST_FILLED_PER_SEGMENT * n_segments / filled),
    )
    return foldover_rows(n_segments, rows) if n_nodes % 2 else rows


def quadrature_rows(
    n_segments: int, n_masks: int, n_nodes: int, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw rows for every node of a quadrature over p.

    Each row follows Bernoulli(p) of its node: sizes are sampled systematically, and subsets are dealt so that
    all segments are kept about equally often. The rows at 1 - p are the complements of those at p, and the
    node at p = 1/2, if there is one, has fold-over blocks.

    Parameters
    ----------
    n_segments
        Segments of the item.
    n_masks
        Rows wanted over all nodes; see :func:`rows_per_node`.
    n_nodes
        Nodes of the quadrature, 2 to 16.
    rng
        Source of the rows.

    Returns
    -------
    Bool array, samples x segments
        The same number of rows for each node (:func:`rows_per_node`), in ascending p.

    Raises
    ------
    RankDeficientError
        If the rows of a node cannot identify the effects.

    References
    ----------
    .. [1] Owen, G. (1972). Multilinear extensions of games. Management Science 18(5), 64-79.
       https://doi.org/10.1287/mnsc.18.5.64
    """
    rows = rows_per_node(n_segments, n_masks, n_nodes)
    lower = [_node_rows(n_segments, rows, p, rng) for p in gauss_legendre(n_nodes).p[: n_nodes // 2]]
    middle = [foldover(n_segments, rows, rng)] if n_nodes % 2 else []
    return np.concatenate([*lower, *middle, *(~part for part in reversed(lower))])


def _node_rows(
    n_segments: int, n_rows: int, p: float, rng: np.random.Generator
) -> Bool[np.ndarray, "rows segments"]:
    law = binomial_law(n_segments, p)
    sizes = rng.permutation(systematic_sample(law, n_rows, rng))
    # The condition on the rank treats all segments alike, so a row of a given size stays uniform.
    for _ in range(ATTEMPTS):
        rows = _deal(sizes, n_segments, rng)
        if np.linalg.matrix_rank(rows - rows.mean(axis=0)) == n_segments:
            return rows
    raise RankDeficientError(
        f"{n_rows} masks that keep segments with probability {p:.3g} cannot identify the effects of "
        f"{n_segments} segments: ask for twice as many, or for fewer nodes."
    )


def _deal(
    sizes: Int[np.ndarray, " rows"], n_segments: int, rng: np.random.Generator
) -> Bool[np.ndarray, "rows segments"]:
    """One subset per size, taken from the segments that were taken least so far, ties at random."""
    dealt = np.zeros((len(sizes), n_segments), dtype=bool)
    times = np.zeros(n_segments)
    for row, size, tie in zip(dealt, sizes, rng.random(dealt.shape), strict=True):
        row[np.argsort(times + tie)[:size]] = True
        times += row
    return dealt
