"""White-box estimator integrated_jacobian: Jacobian averaged on the path from the empty to the whole item."""

import numpy as np
import torch

from ilime_core.protocols.encoders import DualEncoder
from ilime_core.records import Effects
from ilime_core.white_box.found_effects import found_effects
from ilime_core.white_box.gated_towers import gated_tower
from ilime_core.white_box.slopes import slopes
from ilime_core.white_box_records import GatedItem, WhiteBoxOptions

__all__ = ["integrated_jacobian"]


def integrated_jacobian(encoder: DualEncoder, item: GatedItem, options: WhiteBoxOptions) -> Effects:
    """Average Jacobian of the embedding in the gates on the straight path from all closed to all open.

    The effects add up to ``g(1) - g(start)`` but for the error of the quadrature (Gauss-Legendre with
    ``path_steps`` points), so that products of two add up to the mixed difference of the score: exCLIP's
    interactions, with segments in place of tokens and patches. ``empty`` and ``intercept`` are the start of
    the path and ``mean`` is the embedding averaged along it. Costs ``path_steps`` rows in forward mode a
    segment, and one for the start.

    Parameters
    ----------
    encoder
        Model whose tower has ``encode_gated``.
    item
        Item with gates and known embeddings.
    options
        Reads ``path_steps`` and ``batch_rows``.

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
    .. [1] Moeller, L., Tilli, P., Vu, N. T., Padó, S. (2025). Explaining caption-image interactions in CLIP
       models with second-order attributions. TMLR. https://arxiv.org/abs/2408.14153
    .. [2] Sundararajan, M., Taly, A., Yan, Q. (2017). Axiomatic attribution for deep networks. ICML.
       https://arxiv.org/abs/1703.01365
    """
    n, steps = item.content.n_segments, options.path_steps
    nodes, shares = np.polynomial.legendre.leggauss(steps)
    tower = gated_tower(encoder, item.content)
    on_path = torch.tensor((nodes + 1) / 2, dtype=torch.float32, device=encoder.device)
    # Segment by segment, each with all points of the path.
    points = on_path.repeat(n)[:, None].expand(-1, n)
    directions = torch.eye(n, device=encoder.device).repeat_interleave(steps, dim=0)
    passed, found = slopes(tower, points, directions, options.batch_rows)
    weights = torch.tensor(shares / 2, dtype=torch.float64, device=encoder.device)
    values = torch.einsum("s,nsd->nd", weights, found.double().view(n, steps, -1))
    start = tower(torch.zeros((1, n), device=encoder.device))[0].detach().double()
    return found_effects(
        values,
        mean=weights @ passed[:steps].double(),
        intercept=start,
        empty=start,
        full=item.full.double(),
    )
