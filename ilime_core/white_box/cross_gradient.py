"""White-box estimator cross_gradient: Jacobian of the embedding in the gates at the whole item."""

import torch

from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box.found_effects import found_effects
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.slopes import slopes
from ilime_core.white_box_records import GatedItem, WhiteBoxOptions

__all__ = ["cross_gradient"]


def cross_gradient(encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects:
    """Jacobian of the embedding in the gates, all gates open; n rows in forward mode.

    Products of two are mixed partial derivatives of the score, signed. ``mean`` is the whole item's
    embedding: the other item stays as it is. The intercept is this embedding minus all effects.

    Parameters
    ----------
    encoder
        Model whose tower has ``encode_gated``.
    item
        Item with gates and known embeddings.
    options
        Reads ``batch_rows``.

    Returns
    -------
    Effects
        Effects without errors.

    Raises
    ------
    InputError
        If the tower cannot be differentiated.
    ItemError
        If a derivative is not finite.

    References
    ----------
    .. [1] Lerman, S. et al. (2021). Explaining local, global, and higher-order interactions in deep learning.
       ICCV, 1224-1233. https://doi.org/10.1109/ICCV48922.2021.00126
    """
    n = item.content.n_segments
    directions = torch.eye(n, device=encoder.device)
    tower = gated_tower(encoder, item.content)
    _, found = slopes(tower, torch.ones_like(directions), directions, options.batch_rows)
    values, full = found.double(), item.full.double()
    return found_effects(
        values, mean=full, intercept=full - values.sum(dim=0), empty=item.empty.double(), full=full
    )
