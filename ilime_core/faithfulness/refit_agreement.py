"""Agreement of two interaction matrices of the same segments."""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.refits import Refits, Weights

__all__ = ["Correlation", "chance_agreement", "pearson", "relative_change", "spearman"]

ROUNDING = 1e-7
"""Embeddings are float32 of length one: weights that are no larger are rounding, and differ by no less."""

Correlation = Callable[[Weights, Refits], Float[np.ndarray, " draws"]]


def spearman(weights: Weights, refits: Refits) -> Float[np.ndarray, " draws"]:
    """Rank correlation over cells with each refit; NaN where a matrix does not vary beyond rounding.

    Parameters
    ----------
    weights
        W.
    refits
        W of each draw.

    Returns
    -------
    Float array, one per draw
        -1 to 1; equal weights have the mean of their ranks.
    """
    return _correlations(_ranks(weights), _each(_ranks, refits))


def pearson(weights: Weights, refits: Refits) -> Float[np.ndarray, " draws"]:
    """Correlation over cells with each refit; NaN where a matrix does not vary beyond rounding.

    Parameters
    ----------
    weights
        W.
    refits
        W of each draw.

    Returns
    -------
    Float array, one per draw
        -1 to 1.
    """
    return _correlations(_beyond_rounding(weights), _each(_beyond_rounding, refits))


def chance_agreement(
    correlation: Correlation, weights: Weights, refits: Refits, n_orders: int, rng: np.random.Generator
) -> Float[np.ndarray, " values"]:
    """Correlation with refits whose rows and columns are permuted: what unrelated matrices would give.

    Rows and columns are permuted, not cells: a refit keeps its strong regions and words, only elsewhere.
    Cells of one region or word are alike, so chance correlates maps more than as many independent numbers.

    Parameters
    ----------
    correlation
        `spearman` or `pearson`.
    weights
        W.
    refits
        W of each draw.
    n_orders
        Permutations of rows and columns, each applied to all refits.
    rng
        Source of the permutations.

    Returns
    -------
    Array
        One value for each refit and order.
    """
    n, m = weights.shape
    moved = [refits[:, rng.permutation(n)][:, :, rng.permutation(m)] for _ in range(n_orders)]
    return np.concatenate([correlation(weights, one) for one in moved])


def relative_change(weights: Weights, refits: Refits) -> Float[np.ndarray, " draws"]:
    """``|W' - W| / |W|`` in Frobenius norms; NaN where W is zero up to rounding.

    Parameters
    ----------
    weights
        W.
    refits
        W' of each draw.

    Returns
    -------
    Float array, one per draw
        At least 0, without unit.

    References
    ----------
    .. [1] Yeh, C.-K. et al. (2019). On the (in)fidelity and sensitivity of explanations. NeurIPS, definition
       2.2, here relative to the explanation. https://arxiv.org/abs/1901.09392
    """
    if np.abs(weights).max() <= ROUNDING:
        return np.full(len(refits), np.nan)
    return np.linalg.norm(refits - weights, axis=(1, 2)) / np.linalg.norm(weights)


def _each(change: Callable[[Weights], Weights], refits: Refits) -> Refits:
    return np.array([change(one) for one in refits]).reshape(refits.shape)


def _beyond_rounding(weights: Weights) -> Weights:
    """A matrix that does not vary beyond rounding as a constant one."""
    return weights if np.ptp(weights) > ROUNDING else np.zeros_like(weights)


def _ranks(weights: Weights) -> Weights:
    """Ranks of cells, ties averaged."""
    from scipy.stats import rankdata

    return rankdata(_beyond_rounding(weights)).reshape(weights.shape)


def _correlations(one: Weights, others: Refits) -> Float[np.ndarray, " draws"]:
    x = one.ravel() - one.mean()
    y = others.reshape(len(others), one.size)
    y = y - y.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(x) * np.linalg.norm(y, axis=1)
    return np.divide(y @ x, lengths, out=np.full(len(others), np.nan), where=lengths > 0)
