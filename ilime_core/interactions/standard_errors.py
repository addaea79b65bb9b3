"""Standard errors of W and of main effects, from the errors of both items' effects."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.records import LowRankCovariance

__all__ = [
    "CellVariances",
    "InteractionErrors",
    "IsotropicFacts",
    "interaction_errors",
    "isotropic_form",
    "quadratic_forms",
    "trace_products",
]


@dataclass(frozen=True, slots=True, eq=False)
class IsotropicFacts:
    """Scalars of a covariance ``K^T K + rest I`` that complement its rows K."""

    rest: Float[Tensor, " items"]
    square: Float[Tensor, " items"]
    """|K|^2."""
    known: Bool[Tensor, " items"]


@dataclass(frozen=True, slots=True, eq=False)
class CellVariances:
    """Components of the squared errors of the cells of W.

    Attributes
    ----------
    left
        b_j^T V(a_i) b_j with the estimated b_j.
    right
        a_i^T V(b_j) a_i with the estimated a_i.
    product
        tr(V(a_i) V(b_j)).
    left_degrees, right_degrees
        Degrees of freedom of the estimated V(a_i) and V(b_j); infinite where nothing was drawn.
    posterior
        True if a and b are posterior means, and V their posterior covariances.
    """

    left: Float[Tensor, "pairs left right"]
    right: Float[Tensor, "pairs left right"]
    product: Float[Tensor, "pairs left right"]
    left_degrees: Float[Tensor, "pairs left"]
    right_degrees: Float[Tensor, "pairs right"]
    posterior: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class InteractionErrors:
    """Errors of W; NaN where one of the items has none."""

    standard_errors: Float[Tensor, "pairs left right"]
    degrees: Float[Tensor, "pairs left right"]
    """Of freedom of the standard errors, for Student's t; NaN too where an error is 0: nothing was drawn."""
    sum_squared_error: Float[Tensor, " pairs"]
    """Unbiased for the expected squared error of W, so the product term is subtracted; of posterior means the
    sum of the posterior variances, to which it is added."""
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
    """Evaluate v^T (K^T K + rest I) v of many vectors.

    Parameters
    ----------
    projections
        K v.
    rest
        Isotropic part of each pair's covariance.
    squares
        |v|^2.

    Returns
    -------
    Tensor, pairs x vectors
        Values of the form, at least 0.
    """
    return projections.square().sum(1) + rest[:, None] * squares


def trace_products(
    overlaps: Float[Tensor, "pairs left_rank right_rank"],
    left: IsotropicFacts,
    right: IsotropicFacts,
    dim: int,
) -> Float[Tensor, " pairs"]:
    """Trace of the product of two covariances ``K^T K + rest I``, from the products of their rows K.

    Parameters
    ----------
    overlaps
        Inner products of the rows K of both sides.
    left, right
        Scalars of the two covariances.
    dim
        Width of the embeddings.

    Returns
    -------
    Tensor, pairs
        Traces, at least 0.
    """
    return (
        overlaps.square().sum((1, 2))
        + left.rest * right.square
        + right.rest * left.square
        + left.rest * right.rest * dim
    )


def interaction_errors(
    weights: Float[Tensor, "pairs left right"], variances: CellVariances, known: Bool[Tensor, " pairs"]
) -> InteractionErrors:
    """Standard errors of W_ij = <a_i, b_j> when both effects have independent errors.

    Parameters
    ----------
    weights
        W of each pair.
    variances
        Components of the squared errors.
    known
        Pairs of which both items have errors.

    Returns
    -------
    InteractionErrors
        One entry per pair.

    Notes
    -----
    The variance of a product of independent estimates is b^T V_a b + a^T V_b a + tr(V_a V_b) in the true a
    and b. The estimated ones inflate each of the first two terms by the trace: their sum minus the trace is
    unbiased, which is what sums take. A single error keeps at least the larger of the two terms,
    left + right - min(trace, left, right): where a is 0 the product <a, b> has, given the estimated b,
    exactly the first term for a variance, and where b is 0 the second, so that tests hold.

    Of posterior means the true a and b are independent, with means and covariances that are known: the
    variance of their product is left + right + trace in the means, by itself and in sums. A posterior mean
    over its error is nearer to zero than the unbiased estimate over its own, by the root of the share that is
    left of the estimate, so that tests hold.

    Satterthwaite's rule [1]_ for two independent parts gives total^2 / (left^2 / left_degrees +
    right^2 / right_degrees) degrees. What is subtracted moves with both parts, against them: the degrees are
    rather too few.

    References
    ----------
    .. [1] F. E. Satterthwaite, "An approximate distribution of estimates of variance components", Biometrics
       Bulletin 2(6), 1946, pp. 110-114, doi:10.2307/3002019.
    """
    left, right, product = variances.left, variances.right, variances.product
    shared = product if variances.posterior else -torch.minimum(product, torch.minimum(left, right))
    total = left + right + shared
    errors = total.clamp_min(0).sqrt()
    uncertain = known[:, None, None] & (errors > 0)
    z = torch.where(errors > 0, weights.abs() / torch.where(errors > 0, errors, 1.0), 0.0).amax((1, 2))
    summed = total if variances.posterior else left + right - product
    # Shares first: squares of variances would leave the range of single precision.
    whole = torch.where(errors > 0, total, 1.0)
    spent = (left / whole).square() / variances.left_degrees[:, :, None]
    spent = spent + (right / whole).square() / variances.right_degrees[:, None, :]
    return InteractionErrors(
        standard_errors=torch.where(known[:, None, None], errors, torch.nan),
        degrees=torch.where(uncertain, 1.0 / torch.where(uncertain, spent, 1.0), torch.nan),
        sum_squared_error=torch.where(known, summed.sum((1, 2)), torch.nan),
        max_z=torch.where(uncertain.any(2).any(1), z, torch.nan),
    )
