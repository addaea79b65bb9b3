"""Columns of Hadamard matrices in which the product of three columns is usually no column."""

from functools import lru_cache

import numpy as np
from jaxtyping import Bool, Int

__all__ = ["hadamard_columns"]

_PALEY = (128, 32)
"""Powers of two that are one more than a prime; up to 8 rows all Hadamard matrices are Sylvester's."""


def hadamard_columns(
    order: int, columns: Int[np.ndarray, " chosen"], rng: np.random.Generator
) -> Bool[np.ndarray, "order chosen"]:
    """Columns of a Hadamard matrix, True where it is +1; the whole matrix is never made.

    It starts from the largest matrix of Paley [1]_ that fits, or from a single 1. From a matrix H the one of
    twice the order is ``[[H, P H], [H, -P H]]`` with a random permutation P of its rows; with none and from a
    single 1 it would be Sylvester's.

    Parameters
    ----------
    order
        A power of two.
    columns
        Numbers of the columns, 0 ... order - 1.
    rng
        Source of the row permutations.

    Returns
    -------
    Bool array, order x chosen
        One column per number, in the order of ``columns``.

    References
    ----------
    .. [1] R. E. A. C. Paley, "On Orthogonal Matrices", Journal of Mathematics and Physics 12, 1933,
       pp. 311-320, doi:10.1002/sapm1933121311.
    """
    base = next((size for size in _PALEY if size <= order), 1)
    kind = np.min_scalar_type(order)
    rows = np.repeat(np.arange(order, dtype=kind)[:, None], len(columns), axis=1)
    negative = np.zeros(rows.shape, dtype=bool)
    half = order // 2
    while half >= base:
        is_right = columns & half != 0
        negative ^= (rows & half != 0) & is_right
        rows &= half - 1
        rows[:, is_right] = rng.permutation(half).astype(kind)[rows[:, is_right]]
        half //= 2
    if base > 1:
        smallest = _paley(base)
        for place, column in enumerate((columns & (base - 1)).tolist()):
            negative[:, place] ^= ~smallest[rows[:, place], column]
    return ~negative


@lru_cache
def _paley(order: int) -> Bool[np.ndarray, "order order"]:
    """Paley's first matrix, of a prime plus one: squares modulo the prime within a border."""
    prime = order - 1
    is_square = np.zeros(prime, dtype=bool)
    is_square[np.arange(prime) ** 2 % prime] = True
    matrix = np.ones((order, order), dtype=bool)
    matrix[1:, 0] = False
    # On the diagonal is the square 0, where the identity adds a 1.
    matrix[1:, 1:] = is_square[(np.arange(prime)[:, None] - np.arange(prime)) % prime]
    return matrix
