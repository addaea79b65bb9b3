"""How much of the score's variance the surrogate explains, from stored statistics alone."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.interactions.main_effects import MainEffects

__all__ = ["ExplainedVariance", "VarianceParts", "explained_by", "explained_variance"]


@dataclass(frozen=True, slots=True, eq=False)
class VarianceParts:
    """Variance of f = <g, h> over the product law: left + right + cross."""

    left: Float[Tensor, " pairs"]
    """E h^T C_g E h: from the left item alone."""
    right: Float[Tensor, " pairs"]
    """E g^T C_h E g: from the right item alone."""
    cross: Float[Tensor, " pairs"]
    """tr(C_g C_h): from both together."""


@dataclass(frozen=True, slots=True, eq=False)
class ExplainedVariance:
    """Closed-form fidelity; NaN where a spread or an error is unknown, or the variance is zero.

    Attributes
    ----------
    r2_total, r2_linear
        Of the affine bilinear surrogate, and of its main effects alone.
    r2_cross, r2_cross_ceiling
        Share of the cross variance that the estimated W explains, and the same of the best bilinear form.
    share_left, share_right, share_cross
        Shares of the variance.
    """

    r2_total: Float[Tensor, " pairs"]
    r2_linear: Float[Tensor, " pairs"]
    r2_cross: Float[Tensor, " pairs"]
    r2_cross_ceiling: Float[Tensor, " pairs"]
    share_left: Float[Tensor, " pairs"]
    share_right: Float[Tensor, " pairs"]
    share_cross: Float[Tensor, " pairs"]


def explained_variance(
    parts: VarianceParts,
    explained: VarianceParts,
    ceiling: Float[Tensor, " pairs"],
    known: Bool[Tensor, " pairs"],
) -> ExplainedVariance:
    """Turn variances into shares.

    Parameters
    ----------
    parts
        Variance of f.
    explained
        What the estimated surrogate explains of each part; NaN where unknown.
    ceiling
        What the best bilinear form would explain of the cross part.
    known
        Pairs of which both items have a spread.

    Notes
    -----
    An estimated effect e with squared standard error s^2 explains Var(z) (e^2 - 2 s^2) of the variance in the
    mean: its square is too large by s^2, and its error costs s^2 more. Interactions likewise, with
    Var(z_x) Var(z_y); the ceiling leaves the cost out. Exact where all masks were encoded and the spreads
    have full rank. Else two biases remain: errors of the mean embeddings, of order 1/N, and what a spread of
    low rank misplaces (its trace is exact, but its tail is taken to be isotropic).
    """
    total = parts.left + parts.right + parts.cross

    def share(of: Float[Tensor, " pairs"], whole: Float[Tensor, " pairs"]) -> Float[Tensor, " pairs"]:
        positive = known & (whole > 0)
        return torch.where(positive, of / torch.where(positive, whole, 1.0), torch.nan)

    linear = explained.left + explained.right
    return ExplainedVariance(
        r2_total=share(linear + explained.cross, total),
        r2_linear=share(linear, total),
        r2_cross=share(explained.cross, parts.cross),
        r2_cross_ceiling=share(ceiling, parts.cross),
        share_left=share(parts.left, total),
        share_right=share(parts.right, total),
        share_cross=share(parts.cross, total),
    )


def explained_by(effects: MainEffects, variance: float) -> Float[Tensor, " pairs"]:
    """Variance that estimated main effects explain; NaN where their errors are unknown."""
    return variance * (effects.effect.square() - 2 * effects.standard_error.square()).sum(1)
