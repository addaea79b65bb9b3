"""KernelSHAP: Shapley values by least squares with the SHAP kernel, of an embedding instead of a score."""

from collections.abc import Sequence
from math import comb

import numpy as np
import torch
from jaxtyping import Float

from ilime_core.effects.normal_equations import condition_of, effects_without_errors
from ilime_core.effects.registry import FitOptions
from ilime_core.perturbation.paired_sizes import SizeBudget, shapley_kernel, size_mixture
from ilime_core.records import Effects, MaskedEmbeddings

__all__ = ["kernel_shap"]


def kernel_shap(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Shapley values of the embedding by KernelSHAP; the effects sum to ``full - empty``.

    Minimises ``sum_S k(S) |g(0) + sum_{i in S} phi_i - g(S)|^2`` under that sum, k the SHAP kernel, over the
    Banzhaf and the Shapley rows weighted by kernel over expected number of their size. With all coalitions
    this is the Shapley value. Sampled, it lacks the terms that take up noise of the sizes, which
    :func:`~ilime_core.effects.product_shapley.fit_product_shapley` has: the same masks serve that better.

    Parameters
    ----------
    items
        Banzhaf rows are read, and Shapley rows where there are any.
    options
        Not read: the kernel is the method.

    Returns
    -------
    list of Effects
        ``intercept`` is the empty embedding; ``mean`` is over coalitions whose size is uniform on 0 ... n,
        the law under which Shapley values average. Errors and spread are unknown.

    Raises
    ------
    RankDeficientError
        If the masks cannot identify the values.

    References
    ----------
    .. [1] Lundberg, S. M. and Lee, S.-I. (2017). A unified approach to interpreting model predictions.
       NeurIPS 30. https://arxiv.org/abs/1705.07874
    .. [2] Covert, I. and Lee, S.-I. (2021). Improving KernelSHAP: practical Shapley value estimation via
       linear regression. AISTATS, PMLR 130, 3457-3465. https://arxiv.org/abs/2012.01536
    """
    del options  # the kernel is the method, and the sum leaves nothing to shrink
    return [_of_item(item) for item in items]


def _of_item(item: MaskedEmbeddings) -> Effects:
    empty, full = item.empty.double(), item.full.double()
    segments = item.masks.shape[1]
    n_rows = max(item.sets.n_banzhaf, item.sets.rows.get("shapley", slice(0)).stop)
    if segments == 1:
        return effects_without_errors(
            item,
            (full - empty)[None],
            mean=(empty + full) / 2.0,
            intercept=item.empty,
            condition=1.0,
            n_masks=n_rows,
        )
    sizes = item.masks[:n_rows].sum(dim=1)
    inside = (sizes > 0) & (sizes < segments)
    at = sizes[inside] - 1
    masks, embeddings = item.masks[:n_rows][inside].double(), item.embeddings[:n_rows][inside].double()
    times = torch.as_tensor(_expected(item, n_rows), device=masks.device)
    weights = (torch.as_tensor(shapley_kernel(segments), device=masks.device) / times)[at]
    gram = masks.mT @ (weights[:, None] * masks)
    condition = condition_of(gram, len(masks))
    free = torch.linalg.solve(gram, masks.mT @ (weights[:, None] * (embeddings - empty)))
    # The multiplier of the sum moves the free solution along the inverse of the Gram matrix.
    along = torch.linalg.solve(gram, torch.ones_like(gram[:, 0]))
    values = free + torch.outer(along / along.sum(), full - empty - free.sum(dim=0))
    uniform = (1.0 / times)[at]
    middle = uniform @ embeddings / uniform.sum()
    return effects_without_errors(
        item,
        values,
        mean=(empty + full + (segments - 1) * middle) / (segments + 1),
        intercept=item.empty,
        condition=condition,
        n_masks=n_rows,
    )


def _expected(item: MaskedEmbeddings, n_rows: int) -> Float[np.ndarray, " sizes"]:
    """Expected number of rows of each size 1 ... n - 1."""
    segments = item.masks.shape[1]
    if item.sets.enumerated:
        return np.array([float(comb(segments, size)) for size in range(1, segments)])
    return size_mixture(segments, SizeBudget(item.sets.n_banzhaf, n_rows - item.sets.n_banzhaf, item.sets.p))
