"""Covariances of regressed effects where rows have errors of unequal size: leverage-corrected sandwiches."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.degrees import sandwich_degrees

__all__ = ["Sandwich", "sandwich"]

_LEAST_KEPT = 1e-6
"""Share of its error below which a row's residual says nothing of it: the fit goes through the row."""


@dataclass(frozen=True, slots=True, eq=False)
class Sandwich:
    """Covariance of the effects of one regression, in a form that all of them share.

    Attributes
    ----------
    rows
        ``rows^T rows`` is the mean covariance of a row's error, each row weighing as in the effects.
    scale
        ``scale[i]`` times that is the covariance of effect i; its trace is exact.
    degrees
        Degrees of freedom of that trace as an estimate.
    """

    rows: Float[Tensor, "*batch rows width"]
    scale: Float[Tensor, "*batch segments"]
    degrees: Float[Tensor, "*batch segments"]


def sandwich(
    operator: Float[Tensor, "*batch segments rows"],
    residuals: Float[Tensor, "*batch rows width"],
    basis: Float[Tensor, "*batch rows columns"],
) -> Sandwich:
    """Estimate the covariance of effects ``operator @ targets`` from the residuals, row by row (HC2).

    A row adds ``operator[i, r]^2 e_r e_r^T / (1 - h_r)`` to the covariance of effect i, e its residual and h
    its leverage [1]_. Far from p = 1/2 the few rows without a segment weigh most in its effect and have the
    largest errors; one variance for all rows is then too small for just the largest effects. The estimate is
    unbiased where rows have equal variances, however few they are; over (1 - h)^2 (HC3) it is too large by
    1 / (1 - h). How uncertain it is, is left to its degrees of freedom [2]_ [3]_.

    Parameters
    ----------
    operator
        What the regression multiplies its targets by.
    residuals
        Targets less what the regression fits, as wide as the embeddings.
    basis
        Orthonormal columns that span what the regression fits, its constant included.

    Returns
    -------
    Sandwich
        Of all effects of the regression; its rows are zero where the fit leaves nothing over.

    Notes
    -----
    The covariance of each effect has directions of its own; kept are the mean of these, and each one's trace.
    Degrees are those of Bell and McCaffrey [2]_, of errors whose variances are those that the residuals
    suggest, not equal ones: few rows with large errors make an estimate uncertain.

    A row that the fit goes through has no residual; its error is taken to be as large as the others' are on
    average.

    References
    ----------
    .. [1] J. G. MacKinnon, H. White, "Some heteroskedasticity-consistent covariance matrix estimators with
       improved finite sample properties", Journal of Econometrics 29(3), 1985, pp. 305-325,
       doi:10.1016/0304-4076(85)90158-7.
    .. [2] R. M. Bell, D. F. McCaffrey, "Bias reduction in standard errors for linear regression with
       multi-stage samples", Survey Methodology 28(2), 2002, pp. 169-181.
    .. [3] G. W. Imbens, M. Kolesar, "Robust standard errors in small samples: some practical advice", Review
       of Economics and Statistics 98(4), 2016, pp. 701-712, doi:10.1162/REST_a_00552.
    """
    kept = 1.0 - basis.square().sum(dim=-1)
    clamped = kept.clamp(min=_LEAST_KEPT)
    squares = residuals.square().sum(dim=-1)
    pooled = squares.sum(dim=-1, keepdim=True) / kept.sum(dim=-1, keepdim=True)
    variances = torch.where(kept > _LEAST_KEPT, squares / clamped, pooled)
    parts = operator.square()
    shares = parts.sum(dim=-2)
    shares = shares / shares.sum(dim=-1, keepdim=True)
    rows = (shares / clamped).sqrt()[..., None] * residuals
    trace = rows.square().sum(dim=(-2, -1))[..., None]
    # Where nothing is left over all errors are 0, and any scale and degrees will do.
    is_exact = trace == 0
    variances = torch.where(is_exact, 1.0, variances)
    scale = (parts @ variances[..., None])[..., 0] / torch.where(is_exact, 1.0, trace)
    return Sandwich(rows, scale, sandwich_degrees(parts.mT / clamped[..., None], basis, variances))
