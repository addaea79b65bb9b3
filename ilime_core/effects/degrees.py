"""Degrees of freedom of estimated variances: how many squares each of them stands on."""

import math

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.records import Effects

__all__ = ["error_degrees", "sandwich_degrees", "sum_degrees"]

_ROWS_AT_ONCE = 1024


def error_degrees(item: Effects) -> Float[Tensor, " segments"]:
    """Degrees of freedom of an item's errors: infinite where nothing was drawn, NaN where unknown."""
    if item.degrees is not None and item.sampled and item.error is not None:
        return item.degrees
    return torch.full_like(item.error_scale, math.nan if item.sampled else math.inf)


def sum_degrees(
    variances: Float[Tensor, "parts *estimates"], degrees: Float[Tensor, "parts *estimates"]
) -> Float[Tensor, "*estimates"]:
    """Degrees of freedom of a sum of independently estimated variances, by Satterthwaite [1]_.

    ``(sum_k V_k)^2 / sum_k (V_k^2 / degrees_k)``: between the smallest of the parts' degrees and their sum.
    A part that is known exactly has infinite degrees. NaN where all parts are zero.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics
       Bulletin 2(6), 1946, pp. 110-114, doi:10.2307/3002019.
    """
    # Shares first: squares of variances would leave the range of single precision.
    shares = variances / variances.sum(dim=0)
    return 1.0 / (shares.square() / degrees).sum(dim=0)


def sandwich_degrees(
    weights: Float[Tensor, "*batch rows estimates"], basis: Float[Tensor, "*batch rows columns"]
) -> Float[Tensor, "*batch estimates"]:
    """Degrees of freedom of ``sum_r weights_r residual_r^2``, by Bell and McCaffrey [1]_.

    The residuals of least squares are ``M e`` with M the projection on what the design does not fit. For
    independent errors e of equal variance that sum has mean tr(D M) and variance 2 tr(D M D M), D the
    diagonal of the weights: Satterthwaite's degrees are tr(D M)^2 / tr(D M D M). Equal weights give the
    residual degrees of freedom.

    Parameters
    ----------
    weights
        What a squared residual adds to each estimate: operator^2 of a sandwich, over (1 - leverage)^2 of HC3.
    basis
        Orthonormal columns that span what the regression fits, its constant included.

    References
    ----------
    .. [1] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
       multi-stage samples", Survey Methodology 28(2), 2002, pp. 169-181.
    """
    rows = basis.shape[-2]
    leverages = basis.square().sum(dim=-1)
    mean = (weights * (1.0 - leverages)[..., None]).sum(dim=-2)
    variance = (weights.square() * (1.0 - 2.0 * leverages)[..., None]).sum(dim=-2)
    for start in range(0, rows, _ROWS_AT_ONCE):
        chunk = slice(start, start + _ROWS_AT_ONCE)
        overlaps = (basis[..., chunk, :] @ basis.mT).square()
        variance = variance + (weights[..., chunk, :] * (overlaps @ weights)).sum(dim=-2)
    return mean.square() / variance
