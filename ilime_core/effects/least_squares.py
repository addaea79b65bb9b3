"""Centred regressions of embeddings on masks, batched over items of one shape, in double precision."""

import math
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.covariance import low_rank_covariance
from ilime_core.effects.degrees import block_degrees, refined_degrees
from ilime_core.effects.heredity import block_noise
from ilime_core.effects.refinement import refine_blocks
from ilime_core.effects.registry import Refinement
from ilime_core.effects.sandwich import sandwich
from ilime_core.errors import RankDeficientError
from ilime_core.perturbation.foldover import block_order
from ilime_core.records import LowRankCovariance

__all__ = ["BanzhafOptions", "Regression", "design_ranks", "regress_blocks", "regress_rows"]

_LEAST_FREEDOM = 8
"""Residual degrees of freedom below which no standard error is given."""


@dataclass(frozen=True, slots=True)
class BanzhafOptions:
    """What is fitted, and how finely its errors are kept."""

    p: float = 0.5
    """Probability with which the design keeps a segment."""
    ridge: float = 0.0
    """Penalty on the squared norm of the effects, beside the mean squared residual."""
    enumerated: bool = False
    """Whether the masks are all coalitions; they are then weighted by their probability."""
    refine: Refinement = "none"
    """What is done beyond least squares on whole fold-over blocks; an enumeration needs nothing."""
    error_rank: int = 16
    spread_rank: int = 32


@dataclass(frozen=True, slots=True, eq=False)
class Regression:
    """One batch of centred regressions, before it is cut into records of single items.

    ``eigenvalues`` are those of the covariance of the masks, ascending; the other fields are as in Effects.
    """

    effects: Float[Tensor, "items segments dim"]
    mean: Float[Tensor, "items dim"]
    intercept: Float[Tensor, "items dim"]
    error: LowRankCovariance | None
    error_scale: Float[Tensor, "items segments"]
    degrees: Float[Tensor, "items segments"] | None
    spread: LowRankCovariance | None
    eigenvalues: Float[Tensor, "items segments"]


def regress_blocks(
    masks: Bool[Tensor, "items samples segments"],
    embeddings: Float[Tensor, "items samples dim"],
    options: BanzhafOptions,
) -> Regression:
    """Regress embeddings on whole fold-over blocks, whose columns are orthogonal.

    Parameters
    ----------
    masks
        Whole blocks of Hadamard rows, each followed by its complements.
    embeddings
        Of the masked items, in double precision.
    options
        The ridge, what is refined, and the ranks of the covariances that are kept.

    Returns
    -------
    Regression
        Without errors and degrees where fewer than 8 complement pairs are left beyond the segments: too few
        to refine anything, so that the effects are those of least squares.
    """
    # Orthogonal columns: no system to solve, and within a complement pair only the odd half carries the
    # effects.
    items, samples, segments = masks.shape
    order = block_order(segments)
    signs = (2.0 * masks.double() - 1.0).reshape(items, -1, 2, order, segments)[:, :, 0].flatten(1, 2)
    first, second = embeddings.reshape(items, -1, 2, order, embeddings.shape[-1]).unbind(dim=2)
    odd = ((first - second) / 2.0).flatten(1, 2)
    even = ((first + second) / 2.0).flatten(1, 2)
    unshrunk = (4.0 / samples) * signs.mT @ odd
    shrink = 0.25 / (0.25 + options.ridge)
    mean = even.mean(dim=1)
    effects = shrink * unshrunk
    pairs = samples // 2
    error, degrees = None, None
    error_scale = effects.new_full((items, segments), 4.0 / samples * shrink**2)
    if pairs >= segments + _LEAST_FREEDOM:
        residuals = odd - signs @ unshrunk / 2.0
        noise = block_noise(signs, unshrunk / 2.0, residuals, order)
        error_scale = error_scale * noise.scales
        degrees = block_degrees(pairs, segments, order, noise.explained)[:, None].expand(items, segments)
        rows = math.sqrt(2.0 / (pairs - segments)) * residuals
        if options.refine != "none":
            refined = refine_blocks(signs, odd, unshrunk / 2.0, noise.scales, options.refine)
            effects, error_scale, rows = refined.effects, refined.error_scale, refined.error_rows
            degrees = torch.full_like(error_scale, refined_degrees(pairs, segments, order))
        error = low_rank_covariance(rows, options.error_rank)
    spread = torch.cat([odd / math.sqrt(pairs), (even - mean[:, None]) / math.sqrt(max(pairs - 1, 1))], dim=1)
    return Regression(
        effects,
        mean,
        mean - effects.sum(dim=1) / 2.0,
        error,
        error_scale,
        degrees,
        low_rank_covariance(spread, options.spread_rank),
        effects.new_full((items, segments), 0.25),
    )


def regress_rows(
    masks: Bool[Tensor, "items samples segments"],
    embeddings: Float[Tensor, "items samples dim"],
    weights: Float[Tensor, "items samples"] | None,
    options: BanzhafOptions,
) -> Regression:
    """Regress embeddings on any masks, centred by their weighted means.

    Parameters
    ----------
    masks
        Rows of any design.
    embeddings
        Of the masked items, in double precision.
    weights
        One positive weight per row; None takes 1. Rows of an enumeration are also weighted by their
        probability.
    options
        The ridge, p, and the ranks of the covariances that are kept.

    Returns
    -------
    Regression
        Without errors, degrees and spread if there are weights, without errors and degrees if fewer than 8
        rows are left beyond the segments and the constant; zero errors of an enumeration.

    Raises
    ------
    RankDeficientError
        If an item's centred masks have rank below ``segments`` and there is no ridge.
    """
    kept = masks.double()
    items, samples, segments = kept.shape
    share = _row_shares(kept, weights, options)[..., None]
    kept_mean = (share * kept).sum(dim=1)
    embedding_mean = (share * embeddings).sum(dim=1)
    rows = share.sqrt() * (kept - kept_mean[:, None])
    targets = share.sqrt() * (embeddings - embedding_mean[:, None])
    gram = rows.mT @ rows
    eigenvalues, directions = torch.linalg.eigh(gram)
    if options.ridge == 0:
        _require_rank(eigenvalues, samples)
    inverse = torch.linalg.inv(
        gram + options.ridge * torch.eye(segments, dtype=gram.dtype, device=gram.device)
    )
    effects = inverse @ (rows.mT @ targets)
    intercept = embedding_mean - (kept_mean[:, None] @ effects)[:, 0]
    mean = embedding_mean if weights is not None else intercept + options.p * effects.sum(dim=1)
    error, error_scale, degrees = None, effects.new_zeros(items, segments), None
    if options.enumerated and weights is None:
        error = low_rank_covariance(effects.new_zeros(items, 1, effects.shape[-1]), options.error_rank)
    elif weights is None and samples - segments - 1 >= _LEAST_FREEDOM:
        # In units of single rows, whose share is 1 / samples.
        root = math.sqrt(samples)
        found = sandwich(
            inverse @ rows.mT / root,
            root * (targets - rows @ effects),
            _basis(rows, eigenvalues, directions),
        )
        error = low_rank_covariance(found.rows, options.error_rank)
        error_scale, degrees = found.scale, found.degrees
    spread = None
    if weights is None:
        unbiased = 1.0 if options.enumerated else math.sqrt(samples / (samples - 1))
        spread = low_rank_covariance(unbiased * targets, options.spread_rank)
    return Regression(effects, mean, intercept, error, error_scale, degrees, spread, eigenvalues)


def _basis(
    rows: Float[Tensor, "items samples segments"],
    eigenvalues: Float[Tensor, "items segments"],
    directions: Float[Tensor, "items segments segments"],
) -> Float[Tensor, "items samples columns"]:
    """Orthonormal columns of the centred rows, and the constant, from the spectrum of their Gram matrix."""
    samples = rows.shape[1]
    least = eigenvalues[:, -1:] * samples * torch.finfo(eigenvalues.dtype).eps
    # A ridge admits rows of lower rank: what they do not span has no column.
    roots = torch.where(eigenvalues > least, eigenvalues.clamp(min=least).rsqrt(), 0.0)
    constant = torch.full_like(rows[..., :1], 1.0 / math.sqrt(samples))
    return torch.cat([rows @ (directions * roots[:, None]), constant], dim=-1)


def _row_shares(
    kept: Float[Tensor, "items samples segments"],
    weights: Float[Tensor, "items samples"] | None,
    options: BanzhafOptions,
) -> Float[Tensor, "items samples"]:
    shares = kept.new_ones(kept.shape[:2])
    if options.enumerated:
        sizes = kept.sum(dim=-1)
        shares = options.p**sizes * (1.0 - options.p) ** (kept.shape[-1] - sizes)
    if weights is not None:
        shares = shares * weights
    return shares / shares.sum(dim=1, keepdim=True)


def design_ranks(eigenvalues: Float[Tensor, "items segments"], samples: int) -> Float[Tensor, " items"]:
    """Numerical ranks of designs, from the eigenvalues of their centred Gram matrices.

    Parameters
    ----------
    eigenvalues
        Of each item's design, ascending.
    samples
        Rows of the design: rounding grows with them.

    Returns
    -------
    Float tensor, one per item
        Eigenvalues above rounding: whole numbers, 0 to ``segments``.
    """
    least = eigenvalues[:, -1:] * samples * torch.finfo(eigenvalues.dtype).eps
    return (eigenvalues > least).sum(dim=-1).to(eigenvalues.dtype)


def _require_rank(eigenvalues: Float[Tensor, "items segments"], samples: int) -> None:
    segments = eigenvalues.shape[-1]
    lowest = int(design_ranks(eigenvalues, samples).min())
    if lowest < segments:
        raise RankDeficientError(
            f"{samples} masks of {segments} segments have centred rank {lowest}: at least {segments + 1} "
            f"distinct ones are needed, and {2 * segments + 8} make it likely that they suffice."
        )
