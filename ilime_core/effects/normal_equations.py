"""Weighted regressions whose errors nobody has worked out, as effects."""

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.covariance import low_rank_covariance
from ilime_core.errors import RankDeficientError
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["condition_of", "effects_without_errors"]

_ERROR_RANK = 16


def condition_of(gram: Float[Tensor, "segments segments"], n_rows: int) -> float:
    """Condition number of a design from its Gram matrix.

    Parameters
    ----------
    gram
        ``rows^T rows`` of the weighted design.
    n_rows
        Rows of the design: rounding grows with them.

    Returns
    -------
    float
        Root of the ratio of the largest to the smallest eigenvalue, at least 1.

    Raises
    ------
    RankDeficientError
        If the matrix cannot be solved; the message says how many masks are needed.
    """
    values = torch.linalg.eigvalsh(gram)
    if bool(values[0] <= values[-1] * n_rows * torch.finfo(gram.dtype).eps):
        segments = len(gram)
        raise RankDeficientError(
            f"{n_rows} masks cannot identify the effects of {segments} segments: at least {segments + 1} "
            f"distinct ones are needed, and {3 * segments + 16} make it likely that they suffice."
        )
    return float((values[-1] / values[0]).sqrt())


def effects_without_errors(
    item: MaskedEmbeddings,
    values: Float[Tensor, "segments dim"],
    *,
    mean: Float[Tensor, " dim"],
    intercept: Float[Tensor, " dim"],
    condition: float,
    n_masks: int,
) -> Effects:
    """Wrap what a regression gave; errors are unknown, or zero where all coalitions were encoded.

    Parameters
    ----------
    item
        Its whole and empty embeddings are the corners, its dtype that of the record.
    values
        The effects.
    mean
        Mean embedding over the law of the regression.
    intercept
        Embedding that the surrogate gives with no segment kept.
    condition
        Condition number of the design.
    n_masks
        Encodes that the effects were read from.

    Returns
    -------
    Effects
        Without degrees, spread and halves.
    """
    like = item.embeddings
    known = low_rank_covariance(values.new_zeros(1, values.shape[1]), _ERROR_RANK)
    return Effects(
        effects=values.to(like.dtype),
        mean=mean.to(like.dtype),
        intercept=intercept.to(like.dtype),
        empty=item.empty,
        full=item.full,
        error=known if item.sets.enumerated else None,
        error_scale=like.new_zeros(len(values)),
        degrees=None,
        spread=None,
        halves=None,
        sampled=not item.sets.enumerated,
        rank=len(values),
        condition=condition,
        n_masks=n_masks,
    )
