"""Effects record of values that a white-box estimator computed: no masks, no errors."""

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.errors import FailureReason, ItemError
from ilime_core.records import Effects

__all__ = ["found_effects"]


def found_effects(
    values: Float[Tensor, "segments dim"],
    *,
    mean: Float[Tensor, " dim"],
    intercept: Float[Tensor, " dim"],
    empty: Float[Tensor, " dim"],
    full: Float[Tensor, " dim"],
) -> Effects:
    """Build the effects record of one item.

    Parameters
    ----------
    values
        The effects.
    mean
        Embedding whose products with the other item's effects are that item's main effects.
    intercept
        The surrogate's value with nothing kept.
    empty, full
        The corners.

    Returns
    -------
    Effects
        Not sampled, with an error scale of zero.

    Raises
    ------
    ItemError
        If a value is not finite.
    """
    if not bool(torch.isfinite(values).all() & torch.isfinite(mean).all()):
        raise ItemError(FailureReason.NON_FINITE, "a gradient or feature of the item is not finite")
    return Effects(
        effects=values,
        mean=mean,
        intercept=intercept,
        empty=empty,
        full=full,
        error=None,
        error_scale=values.new_zeros(len(values)),
        degrees=None,
        spread=None,
        halves=None,
        sampled=False,
        rank=len(values),
        condition=1.0,
        n_masks=0,
    )
