"""Effects that no regression stands behind: they are what they are, without an error."""

from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.covariance import low_rank_covariance
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["exact_effects"]

_ERROR_RANK = 16


def exact_effects(
    item: MaskedEmbeddings,
    values: Float[Tensor, "segments dim"],
    *,
    mean: Float[Tensor, " dim"],
    n_masks: int,
) -> Effects:
    """Wrap effects that were computed and not estimated.

    Parameters
    ----------
    item
        Its whole and empty embeddings are the corners.
    values
        The effects.
    mean
        Embedding that the other item's main effects meet.
    n_masks
        Encodes that the effects were read from.

    Returns
    -------
    Effects
        The intercept is what is left of the whole item with all effects taken away. Errors are zero.
    """
    return Effects(
        effects=values,
        mean=mean,
        intercept=item.full - values.sum(dim=0),
        empty=item.empty,
        full=item.full,
        error=low_rank_covariance(values.new_zeros(1, values.shape[1]), _ERROR_RANK),
        error_scale=values.new_zeros(len(values)),
        degrees=None,
        spread=None,
        halves=None,
        sampled=False,
        rank=len(values),
        condition=1.0,
        n_masks=n_masks,
    )
