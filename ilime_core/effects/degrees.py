"""Degrees of freedom of estimated variances: how many squares each of them stands on."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.records import Effects

__all__ = ["block_degrees", "error_degrees", "refined_degrees", "sandwich_degrees", "sum_degrees"]

_MANY_ROWS = 4096
"""Rows beyond which residuals count as independent of each other."""

_SPREAD_ORDER = 32
"""Order of fold-over blocks from which the product of three columns is hardly ever a column."""

_SMALL_BLOCKS = 0.4
"""Share of their degrees of freedom that errors on smaller blocks are given."""

_SMALL_EXPLAINED = 0.75
"""The same where all of the residuals go with the segments' own effects."""

_SMALL_REFINED = 0.3
"""Share on smaller blocks where the shape of the noise was estimated from the same residuals."""

_VALUES_AT_ONCE = 2**22
"""Products of rows with rows that are held at a time: 32 MB in double precision."""


def error_degrees(item: Effects) -> Float[Tensor, " segments"]:
    """Degrees of freedom of an item's errors: infinite where nothing was drawn, NaN where unknown."""
    if item.degrees is not None and item.sampled and item.error is not None:
        return item.degrees
    return torch.full_like(item.error_scale, math.nan if item.sampled else math.inf)


def block_degrees(
    pairs: int, segments: int, order: int, explained: Float[Tensor, " items"]
) -> Float[Tensor, " items"]:
    """Degrees of freedom of errors that ``pairs`` complement pairs of whole fold-over blocks leave.

    They are ``pairs - segments``. On blocks of an order below 32 what three segments do together falls on few
    residuals, often on a single one: the estimated variance is as uncertain as one of fewer degrees. There
    0.4 of them are left, and up to 0.75 by the share ``explained`` of the residuals that goes with the
    segments' own effects (:mod:`~ilime_core.effects.heredity`), which are many. Both were found by simulation
    (bench_discoveries.py): with all degrees, tests of captions of 9 to 16 words found cells in .04 to .14 of
    the games in which there are none, and .075 false cells where three of nine words have effects.

    Parameters
    ----------
    pairs
        Complement pairs of the whole design.
    segments
        Effects that were fitted.
    order
        Pairs in a block: the order of its Hadamard matrix.
    explained
        Share, 0 to 1, of the variance of the residuals that goes with the segments' own effects.

    Returns
    -------
    Float tensor, one per item
        The same for all segments of the item.
    """
    share = _SMALL_BLOCKS + (_SMALL_EXPLAINED - _SMALL_BLOCKS) * explained
    return (pairs - segments) * (torch.ones_like(share) if order >= _SPREAD_ORDER else share)


def refined_degrees(pairs: int, segments: int, order: int) -> float:
    """Degrees of freedom of errors by :mod:`~ilime_core.effects.generalised_least_squares`.

    On blocks of an order below 32 they are 0.3 of ``pairs - segments``, whatever goes with the segments' own
    effects: the covariance of the noise is estimated from the few residuals that it is held against. Found by
    simulation: with the degrees of :func:`block_degrees`, tests of captions of 9 words without any effect
    found cells in .086 of the games, with these in .036, as those of least squares do with theirs.

    Parameters
    ----------
    pairs, segments, order
        As of :func:`block_degrees`.

    Returns
    -------
    float
        The same for all segments of the item.
    """
    return (pairs - segments) * (1.0 if order >= _SPREAD_ORDER else _SMALL_REFINED)


def sum_degrees(
    variances: Float[Tensor, "parts *estimates"], degrees: Float[Tensor, "parts *estimates"]
) -> Float[Tensor, "*estimates"]:
    """Degrees of freedom of a sum of independently estimated variances, by Satterthwaite [1]_.

    ``(sum_k V_k)^2 / sum_k (V_k^2 / degrees_k)``: between the smallest of the parts' degrees and their sum.
    A part that is known exactly has infinite degrees. NaN where all parts are zero.

    Parameters
    ----------
    variances
        V_k, the estimated variances of the parts, not negative.
    degrees
        Degrees of freedom of each.

    Returns
    -------
    Float tensor, one per estimate
        Degrees of freedom of the variances summed over the parts.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics
       Bulletin 2(6), 1946, pp. 110-114, doi:10.2307/3002019.
    """
    # Shares first: squares of variances would leave the range of single precision.
    shares = variances / variances.sum(dim=0)
    return 1.0 / (shares.square() / degrees).sum(dim=0)


def sandwich_degrees(
    weights: Float[Tensor, "*batch rows estimates"],
    basis: Float[Tensor, "*batch rows columns"],
    variances: Float[Tensor, "*batch rows"] | None = None,
) -> Float[Tensor, "*batch estimates"]:
    """Degrees of freedom of ``sum_r weights_r residual_r^2``, by Bell and McCaffrey [1]_.

    The residuals of least squares are ``M e`` with M the projection on what the design does not fit. For
    independent normal errors e that sum has mean tr(D K) and variance 2 tr(D K D K), D the diagonal of the
    weights and K = M diag(variances) M: Satterthwaite's degrees are tr(D K)^2 / tr(D K D K). Equal weights
    and variances give the residual degrees of freedom. Of more than 4,096 rows only the diagonal of K is
    taken, whose number of entries would count as degrees: too many by the order of columns / rows.

    Parameters
    ----------
    weights
        What a squared residual adds to each estimate: operator^2 of a sandwich, over 1 - leverage of HC2.
    basis
        Orthonormal columns that span what the regression fits, its constant included.
    variances
        Of the errors, up to a common factor; None takes them to be equal.

    Returns
    -------
    Float tensor, one per estimate
        tr(D K)^2 / tr(D K D K), the diagonal D differing between estimates.

    References
    ----------
    .. [1] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
       multi-stage samples", Survey Methodology 28(2), 2002, pp. 169-181.
    """
    known = torch.ones_like(basis[..., 0]) if variances is None else variances
    rows = known.shape[-1]
    # K = diag(v) - Q P - P^T Q^T + Q (P Q) Q^T with Q the basis and P = Q^T diag(v).
    spread = basis.mT * known[..., None, :]
    before = torch.cat([-basis, basis @ (spread @ basis) - spread.mT], dim=-1)
    after = torch.cat([spread, basis.mT], dim=-2)
    diagonal = known + (before * after.mT).sum(dim=-1)
    mean = (weights * diagonal[..., None]).sum(dim=-2)
    if rows > _MANY_ROWS:
        return mean.square() / (weights * diagonal[..., None]).square().sum(dim=-2)
    variance = torch.zeros_like(mean)
    step = max(1, _VALUES_AT_ONCE // known.numel())
    for start in range(0, rows, step):
        chunk = slice(start, start + step)
        covariances = before[..., chunk, :] @ after
        covariances.diagonal(offset=start, dim1=-2, dim2=-1).add_(known[..., chunk])
        variance = variance + (weights[..., chunk, :] * (covariances.square() @ weights)).sum(dim=-2)
    return mean.square() / variance
