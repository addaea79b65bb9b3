"""Fold-over design: stacked Hadamard blocks, each followed by its complements."""

import numpy as np
from jaxtyping import Bool
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.perturbation.hadamard import hadamard_columns
from ilime_core.protocols.perturbation import Design

__all__ = ["block_order", "foldover", "foldover_rows", "is_whole_foldover", "make_foldover"]


def block_order(n_segments: int) -> int:
    """Order of the Hadamard matrix of a block: the smallest power of two that is at least ``n_segments``."""
    return 1 << (n_segments - 1).bit_length()


def foldover_rows(n_segments: int, n_masks: int) -> int:
    """Number of rows of a fold-over design: whole blocks, at least one.

    Parameters
    ----------
    n_segments
        Segments of the item, at least 1.
    n_masks
        Rows wanted.

    Returns
    -------
    int
        Rows that :func:`foldover` returns.
    """
    block = 2 * block_order(n_segments)
    return block * max(1, -(-n_masks // block))


def make_foldover(p: float) -> Design:
    """Return the fold-over design, which keeps segments with probability 1/2.

    Raises
    ------
    InputError
        If ``p`` is another probability.
    """
    if p != 0.5:
        raise InputError(
            f"foldover keeps segments with probability 0.5, got {p}: complements of its rows would follow "
            f"{1.0 - p:g}. Use the design iid or stratified."
        )
    return foldover


def foldover(n_segments: int, n_masks: int, rng: np.random.Generator) -> Bool[np.ndarray, "samples segments"]:
    """Draw whole fold-over blocks at p = 1/2.

    A block is a Hadamard matrix, random in part, with its columns permuted, as many columns kept as there are
    segments, one random sign per column, and then the complements of its rows. The number of rows is rounded
    *up* to whole blocks: a truncated block may not identify the effects even with twice as many rows as
    segments, whereas one whole block always does, so that no request is too small to be served.

    Parameters
    ----------
    n_segments
        Segments of the item.
    n_masks
        Rows wanted; rounded up to whole blocks.
    rng
        Source of columns and signs.

    Returns
    -------
    Bool array, samples x segments
        Blocks one after the other, each ``order`` rows and then their complements in the same order.

    Raises
    ------
    InputError
        If there is no segment.

    Notes
    -----
    In Sylvester's matrix the product of three columns is again a column: what three segments do together is
    then added whole to the effect of one segment, or to no effect at all, and the residuals of a block may
    not show it. Errors have the same variance as under any Hadamard matrix but heavy tails, and tests
    of single effects find far too much. Here the product of three columns spreads over many columns, the more
    the larger the matrix: from 17 segments up hardly any product is a column.

    References
    ----------
    .. [1] Plackett, R. L. and Burman, J. P. (1946). The design of optimum multifactorial experiments.
       Biometrika 33(4), 305-325. https://doi.org/10.1093/biomet/33.4.305
    .. [2] Box, G. E. P. and Wilson, K. B. (1951). On the experimental attainment of optimum conditions.
       Journal of the Royal Statistical Society B 13(1), 1-38.
       https://doi.org/10.1111/j.2517-6161.1951.tb00067.x
    """
    if n_segments < 1:
        raise InputError(f"a design needs at least one segment, got {n_segments}.")
    order = block_order(n_segments)
    blocks: list[np.ndarray] = []
    for _ in range(foldover_rows(n_segments, n_masks) // (2 * order)):
        columns = rng.permutation(order)[:n_segments]
        flipped = rng.random(n_segments) < 0.5
        rows = hadamard_columns(order, columns, rng) ^ flipped
        blocks += [rows, ~rows]
    return np.concatenate(blocks)


def is_whole_foldover(masks: Bool[Tensor, "items samples segments"]) -> Bool[Tensor, " items"]:
    """Return which items' masks are whole fold-over blocks: complements in place and orthogonal columns.

    Both conditions are computed, because closed forms depend on them.
    """
    items, samples, segments = masks.shape
    order = block_order(segments) if segments else 1
    if segments == 0 or samples == 0 or samples % (2 * order):
        return masks.new_zeros(items)
    halves = masks.reshape(items, -1, 2, order, segments)
    complements = (halves[:, :, 0] ^ halves[:, :, 1]).flatten(1).all(dim=1)
    signs = 2.0 * masks.double() - 1.0
    gram = signs.mT @ signs
    gram.diagonal(dim1=-2, dim2=-1).zero_()
    return complements & (gram == 0).flatten(1).all(dim=1)
