"""Standard errors of W and of main effects, from the errors of both items' effects."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.records import LowRankCovariance

__all__ = [
    "InteractionErrors",
    "IsotropicFacts",
    "interaction_errors",
    "isotropic_form",
    "quadratic_forms",
    "trace_products",
]


@dataclass(frozen=True, slots=True, eq=False)
class IsotropicFacts:
    """What a covariance ``K^T K + rest I`` needs beside its rows K."""

    rest: Float[Tensor, " items"]
    square: Float[Tensor, " items"]
    """|K|^2."""
    known: Bool[Tensor, " items"]


@dataclass(frozen=True, slots=True, eq=False)
class InteractionErrors:
    """Errors of W; NaN where one of the items has none."""

    standard_errors: Float[Tensor, "pairs left right"]
    sum_squared_error: Float[Tensor, " pairs"]
    """Unbiased for the expected squared error of W, so the product term is subtracted."""
    max_z: Float[Tensor, " pairs"]
    """Largest |weight| / standard error; NaN too where no weight has an error above zero."""


def isotropic_form(covariance: LowRankCovariance) -> LowRankCovariance:
    """Rewrite ``L^T L + rest (I - U^T U)`` as ``K^T K + rest I``, K in the place of the factors.

    Every quadratic form and trace of a pair is then a sum of squared inner products with the rows of K. A
    factor that rounding has put below ``rest`` becomes zero.
    """
    squares = covariance.factors.square().sum(-1)
    share = torch.where(squares > 0, 1 - covariance.rest[..., None] / squares.clamp_min(1e-30), 0.0)
    return LowRankCovariance(
        factors=covariance.factors * share.clamp_min(0).sqrt()[..., None], rest=covariance.rest
    )


def quadratic_forms(
    projections: Float[Tensor, "pairs rank vectors"],
    rest: Float[Tensor, " pairs"],
    squares: Float[Tensor, "pairs vectors"],
) -> Float[Tensor, "pairs vectors"]:
    """v^T (K^T K + rest I) v of many vectors.

    Parameters
    ----------
    projections
        K v.
    squares
        |v|^2.
    """
    return projections.square().sum(1) + rest[:, None] * squares


def trace_products(
    overlaps: Float[Tensor, "pairs left_rank right_rank"],
    left: IsotropicFacts,
    right: IsotropicFacts,
    dim: int,
) -> Float[Tensor, " pairs"]:
    """Trace of the product of two covariances ``K^T K + rest I``, from the products of their rows K."""
    return (
        overlaps.square().sum((1, 2))
        + left.rest * right.square
        + right.rest * left.square
        + left.rest * right.rest * dim
    )


def interaction_errors(
    weights: Float[Tensor, "pairs left right"],
    left_variances: Float[Tensor, "pairs left right"],
    right_variances: Float[Tensor, "pairs left right"],
    products: Float[Tensor, "pairs left right"],
    known: Bool[Tensor, " pairs"],
) -> InteractionErrors:
    """Errors of W_ij = <a_i, b_j> when both effects carry independent errors.

    Parameters
    ----------
    left_variances
        b_j^T V(a_i) b_j with the estimated b_j.
    right_variances
        a_i^T V(b_j) a_i with the estimated a_i.
    products
        tr(V(a_i) V(b_j)).
    known
        Pairs of which both items have errors.

    Notes
    -----
    The variance of a product of independent estimates is b^T V_a b + a^T V_b a + tr(V_a V_b) in the true a
    and b. The estimated ones inflate each of the first two terms by the trace: the standard errors keep it
    all and are slightly too large, the sum subtracts the trace and is unbiased.
    """
    plug_in = left_variances + right_variances
    errors = (plug_in + products).clamp_min(0).sqrt()
    z = torch.where(errors > 0, weights.abs() / torch.where(errors > 0, errors, 1.0), 0.0).amax((1, 2))
    return InteractionErrors(
        standard_errors=torch.where(known[:, None, None], errors, torch.nan),
        sum_squared_error=torch.where(known, (plug_in - products).sum((1, 2)), torch.nan),
        max_z=torch.where(known & (errors > 0).any(2).any(1), z, torch.nan),
    )
