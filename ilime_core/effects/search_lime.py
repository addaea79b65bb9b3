"""LIME for search: a ridge regression near the whole item, of an embedding instead of a score."""

from collections.abc import Sequence

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.normal_equations import condition_of, effects_without_errors
from ilime_core.effects.registry import FitOptions
from ilime_core.errors import InputError
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["lime_kernel", "search_lime"]


def search_lime(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """LIME of the search score ``f(S, 1) = <g(S), h(1)>``, for all answers h at once.

    A ridge regression is linear in its target, so the effects of the embedding, multiplied by h(1), are what
    LIME says of the score. Rows are the whole item and the Banzhaf rows (or all coalitions, by their
    probability), weighted by LIME's kernel; the penalty stands beside the weighted *sum* of squared
    residuals, so its strength fades as rows are added, and the intercept is not penalised.

    Parameters
    ----------
    items
        Banzhaf rows are read.
    options
        ``lime_kernel_width`` and ``lime_penalty`` are read.

    Returns
    -------
    list of Effects
        ``mean`` is the weighted mean; errors and spread are unknown.

    Raises
    ------
    InputError
        If the kernel's width is not positive or the penalty is negative.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
       predictions of any classifier. KDD, 1135-1144. https://doi.org/10.1145/2939672.2939778
    .. [2] Hamilton, M., Lundberg, S., Fu, S., Zhang, L. and Freeman, W. T. (2022). Axiomatic explanations for
       visual search, retrieval, and similarity learning. ICLR. https://arxiv.org/abs/2103.00370
    """
    if options.lime_penalty < 0:
        raise InputError(f"LIME's penalty must not be negative, got {options.lime_penalty}.")
    return [_of_item(item, options) for item in items]


def lime_kernel(masks: Bool[Tensor, "samples segments"], width: float) -> Float[Tensor, " samples"]:
    """``sqrt(exp(-D^2 / width^2))``, D the cosine distance to the full mask; the empty mask is at 1.

    Parameters
    ----------
    masks
        True keeps the segment.
    width
        Of the kernel, in units of the distance, which runs from 0 to 1.

    Returns
    -------
    Float tensor, one per mask
        In (0, 1], 1 for the whole item; double precision.

    Raises
    ------
    InputError
        If ``width`` is not positive.

    References
    ----------
    .. [1] Ribeiro, M. T., Singh, S. and Guestrin, C. (2016). "Why should I trust you?" Explaining the
       predictions of any classifier. KDD, 1135-1144. https://doi.org/10.1145/2939672.2939778
    """
    if not width > 0:
        raise InputError(f"the width of LIME's kernel must be positive, got {width}.")
    distance = 1.0 - masks.double().mean(dim=1).sqrt()
    return torch.exp(-((distance / width) ** 2) / 2.0)


def _of_item(item: MaskedEmbeddings, options: FitOptions) -> Effects:
    masks, embeddings = item.masks[: item.sets.n_banzhaf], item.embeddings[: item.sets.n_banzhaf].double()
    times = torch.ones(len(masks), dtype=torch.float64, device=masks.device)
    if item.sets.enumerated:
        kept = masks.sum(dim=1)
        times = len(masks) * item.sets.p**kept * (1.0 - item.sets.p) ** (masks.shape[1] - kept)
    else:
        masks = torch.cat([torch.ones_like(masks[:1]), masks])
        embeddings = torch.cat([item.full[None].double(), embeddings])
        times = torch.cat([times[:1], times])
    weights = times * lime_kernel(masks, options.lime_kernel_width)
    share = weights / weights.sum()
    mean, kept_mean = share @ embeddings, share @ masks.double()
    rows = weights.sqrt()[:, None] * (masks.double() - kept_mean)
    penalty = options.lime_penalty * torch.eye(rows.shape[1], dtype=rows.dtype, device=rows.device)
    gram = rows.mT @ rows + penalty
    condition = condition_of(gram, len(rows))
    values = torch.linalg.solve(gram, rows.mT @ (weights.sqrt()[:, None] * (embeddings - mean)))
    return effects_without_errors(
        item, values, mean=mean, intercept=mean - kept_mean @ values, condition=condition, n_masks=len(masks)
    )
