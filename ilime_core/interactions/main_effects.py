"""Main effects: a segment's effect on the score by itself."""

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.interactions.bilinear import N_REFERENCES, ItemFacts
from ilime_core.interactions.standard_errors import quadratic_forms

__all__ = ["MainEffects", "OtherItem", "main_effects"]


@dataclass(frozen=True, slots=True, eq=False)
class MainEffects:
    """Effects of the segments of one side, padded; errors and degrees are NaN where the item has none.

    Attributes
    ----------
    effect
        <a_i, E h>: with the other item perturbed.
    raw_effect
        <a_i, c_h>: coefficient of the surrogate, the other item empty.
    intact_effect
        <a_i, h(1)>: with the other item whole.
    net, mass
        Sum of the segment's interactions and of their absolute values.
    standard_error, intact_standard_error
        Of ``effect`` and ``intact_effect``. The other item's whole embedding is known exactly; its mean is
        taken as known too: its variance, at most 2/N of the spread, is multiplied by a short vector a_i,
        while that of a_i, 4/N of the residuals, is multiplied by a mean of nearly unit norm.
    degrees
        Degrees of freedom of both standard errors; NaN also where nothing was drawn.
    """

    effect: Float[Tensor, "pairs segments"]
    raw_effect: Float[Tensor, "pairs segments"]
    intact_effect: Float[Tensor, "pairs segments"]
    net: Float[Tensor, "pairs segments"]
    mass: Float[Tensor, "pairs segments"]
    standard_error: Float[Tensor, "pairs segments"]
    intact_standard_error: Float[Tensor, "pairs segments"]
    degrees: Float[Tensor, "pairs segments"]


@dataclass(frozen=True, slots=True, eq=False)
class OtherItem:
    """Products of one side's rows with the other item's reference vectors, and the squared norms of these."""

    rows: Float[Tensor, "pairs rows 4"]
    reference_squares: Float[Tensor, "pairs 4"]


def main_effects(
    weights: Float[Tensor, "pairs segments others"],
    other: OtherItem,
    item: ItemFacts,
) -> MainEffects:
    """Read the main effects of one side off the products of its rows with the other item's reference vectors.

    Parameters
    ----------
    weights
        W of each pair, the explained side first.
    other
        Products with the other item's reference vectors.
    item
        Facts of the items of this side.

    Returns
    -------
    MainEffects
        One entry per pair.
    """
    error, error_scale = item.error, item.error_scale
    n_segments = weights.shape[1]
    effect, intact, raw, _ = other.rows[:, :n_segments].unbind(2)
    variances = quadratic_forms(
        other.rows[:, n_segments + N_REFERENCES :, :2], error.rest, other.reference_squares[:, :2]
    )
    errors = (error_scale[:, :, None] * variances[:, None]).clamp_min(0).sqrt()
    errors = torch.where(error.known[:, None, None], errors, torch.nan)
    return MainEffects(
        effect=effect,
        raw_effect=raw,
        intact_effect=intact,
        net=weights.sum(2),
        mass=weights.abs().sum(2),
        standard_error=errors[:, :, 0],
        intact_standard_error=errors[:, :, 1],
        degrees=torch.where(error.known[:, None] & item.degrees.isfinite(), item.degrees, torch.nan),
    )
