"""Refinement of least squares on whole fold-over blocks, item by item."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.generalised_least_squares import generalised_least_squares
from ilime_core.effects.posterior import posterior_effects
from ilime_core.effects.registry import Refinement

__all__ = ["RefinedBlocks", "refine_blocks"]


@dataclass(frozen=True, slots=True, eq=False)
class RefinedBlocks:
    """Refined effects of one batch, and their errors.

    Attributes
    ----------
    effects
        Of ``gls`` unbiased, of ``posterior`` posterior means.
    error_scale, error_rows
        The covariance of effect i is ``error_scale[i] error_rows^T error_rows``; of ``posterior`` that of the
        posterior.
    """

    effects: Float[Tensor, "items segments dim"]
    error_scale: Float[Tensor, "items segments"]
    error_rows: Float[Tensor, "items pairs dim"]


def refine_blocks(
    signs: Float[Tensor, "items pairs segments"],
    odd: Float[Tensor, "items pairs dim"],
    halves: Float[Tensor, "items segments dim"],
    scales: Float[Tensor, "items segments"],
    refine: Refinement,
) -> RefinedBlocks:
    """Refine the effects of items whose masks are whole fold-over blocks.

    Items are refined one after the other, so that no number depends on what stands beside an item.

    Parameters
    ----------
    signs
        1 where a segment is kept, -1 where not, of the first rows of the pairs.
    odd
        Half the differences within the pairs.
    halves
        Half the effects, by least squares.
    scales
        Of their errors, relative to the common one (:func:`~ilime_core.effects.heredity.block_noise`).
    refine
        ``gls`` or ``posterior``.

    Returns
    -------
    RefinedBlocks
        In the order of the items. Errors between effects of one item are not part of it: those of ``gls`` are
        slightly correlated, those of least squares on whole blocks hardly.
    """
    refined = [_of_item(*one, refine) for one in zip(signs, odd, halves, scales, strict=True)]
    return RefinedBlocks(
        torch.stack([one.effects for one in refined]),
        torch.stack([one.error_scale for one in refined]),
        torch.stack([one.error_rows for one in refined]),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _RefinedItem:
    effects: Float[Tensor, "segments dim"]
    error_scale: Float[Tensor, " segments"]
    error_rows: Float[Tensor, "pairs dim"]


def _of_item(
    signs: Float[Tensor, "pairs segments"],
    odd: Float[Tensor, "pairs dim"],
    halves: Float[Tensor, "segments dim"],
    scales: Float[Tensor, " segments"],
    refine: Refinement,
) -> _RefinedItem:
    pairs, segments = signs.shape
    freedom = pairs - segments
    residual_square = (odd - signs @ halves).square().sum()
    noise = scales * residual_square / (pairs * freedom)
    fit = generalised_least_squares(signs, odd, halves, noise)
    # In the units of least squares: rows of pairs count twice, and an effect is twice its half.
    effects, scale, rows = 2.0 * fit.halves, 2.0 * fit.scale, 2.0**0.5 * fit.residuals
    if refine == "posterior":
        found = posterior_effects(effects, scale, rows, freedom)
        effects, scale = found.gains[:, None] * effects, found.scale
    return _RefinedItem(effects, scale, rows)
