"""Occlusion: what the whole item loses when one segment goes."""

from collections.abc import Sequence

import torch

from ilime_core.effects.exact_effects import exact_effects
from ilime_core.records import Effects, FitOptions, MaskedEmbeddings

__all__ = ["occlusion"]


def occlusion(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Effects ``g(1) - g(1 minus i)``; products of two are mixed differences at the full pair.

    Nothing is sampled, so the errors are zero. ``mean`` is the whole item's embedding: the other item stays
    as it is. The intercept is what is left of it with all effects taken away.

    References
    ----------
    .. [1] Zeiler, M. D. and Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV,
       818-833. https://doi.org/10.1007/978-3-319-10590-1_53
    """
    del options  # nothing is regressed
    return [_of_item(item) for item in items]


def _of_item(item: MaskedEmbeddings) -> Effects:
    n_segments = item.masks.shape[1]
    if item.enumerated:
        # All coalitions stand in binary order.
        every = 2**n_segments - 1
        removed = item.embeddings[every - 2 ** torch.arange(n_segments, device=item.embeddings.device)]
    else:
        removed = item.embeddings[item.sets["leave_one_out"]]
    return exact_effects(item, item.full - removed, mean=item.full, n_masks=n_segments)
