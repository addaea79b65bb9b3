"""White-box estimator activation_map: pooled local features of each segment (search CAM)."""

import torch

from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box.found_effects import found_effects
from ilime_core.white_box.local_towers import find_parts
from ilime_core.white_box.places import shares_of_segments
from ilime_core.white_box_records import GatedItem, WhiteBoxOptions

__all__ = ["activation_map"]


def activation_map(encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects:
    """Sum the local features of each segment's places, divided by the norm of the pooled embedding; one pass.

    Products of two are the inner products of local features of search CAM. Where pooling is linear the
    effects and a constant of the tower add up to the whole item's embedding; elsewhere they approximate it
    (see the tower). ``mean`` is the whole item's embedding, the intercept what the effects leave of it.

    Parameters
    ----------
    encoder
        Model whose tower has ``local_parts``.
    item
        Item with its segments and known embeddings.
    options
        Not read: one row is passed once.

    Returns
    -------
    Effects
        Effects without errors.

    Raises
    ------
    InputError
        If the tower does not show local features.
    ItemError
        If a feature is not finite.

    References
    ----------
    .. [1] Zhou, B. et al. (2016). Learning deep features for discriminative localization. CVPR, 2921-2929.
       https://doi.org/10.1109/CVPR.2016.319
    .. [2] Hamilton, M. et al. (2022). Axiomatic explanations for visual search, retrieval, and similarity
       learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    del options  # one pass of one row, nothing is batched
    local = find_parts(encoder, item.content)
    parts = local.parts.double()
    shares = shares_of_segments(item.content, len(parts), local.grid).to(parts)
    values = shares.mT @ parts / torch.linalg.vector_norm(local.pooled.double())
    full = item.full.double()
    return found_effects(
        values, mean=full, intercept=full - values.sum(dim=0), empty=item.empty.double(), full=full
    )
