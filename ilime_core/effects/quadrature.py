"""Interaction indices that integrate over the keeping probability, as Banzhaf effects stacked over nodes."""

from collections.abc import Callable, Mapping, Sequence

import torch
from jaxtyping import Float
from torch import Tensor

from ilime_core.effects.covariance import low_rank_covariance
from ilime_core.effects.degrees import sum_degrees
from ilime_core.effects.node_effects import NodeEffects, exact_node_effects, sampled_node_effects
from ilime_core.effects.registry import FitOptions
from ilime_core.effects.sandwich import sandwich
from ilime_core.errors import InputError
from ilime_core.perturbation.quadrature_rows import QuadratureRows, gauss_legendre
from ilime_core.records import Effects, LowRankCovariance, MaskedEmbeddings, Modality

__all__ = ["DENSITIES", "faith_shap", "quadrature_set", "shapley_interaction", "shapley_taylor"]

_ERROR_RANK = 32
"""Nodes differ in noise, which the mean of the remaining eigenvalues spreads evenly: 16 factors left standard
errors 2 to 8 % too small, 32 leave them within 5 %."""

DENSITIES: Mapping[str, Callable[[float], float]] = {
    "shapley_interaction": lambda _: 1.0,
    "shapley_taylor": lambda p: 2.0 * (1.0 - p),
    "faith_shap": lambda p: 6.0 * p * (1.0 - p),
}
"""w(p) of the indices of order 2: I_ij is the integral of w(p) times the p-weighted Banzhaf interaction."""


def quadrature_set(options: FitOptions, modality: Modality) -> QuadratureRows:
    """Return the rows that the three indices share.

    Parameters
    ----------
    options
        The number of nodes, and of masks by modality.
    modality
        Images and texts have their own number of masks.

    Returns
    -------
    QuadratureRows
        Rows of all nodes together.
    """
    image = modality is Modality.IMAGE
    return QuadratureRows(
        options.quadrature_image_masks if image else options.quadrature_text_masks, options.quadrature_nodes
    )


def shapley_interaction(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Effects whose products are the Shapley interaction index; see :func:`_stacked`.

    The main effects are then the Shapley values of the joint game of both items' segments.

    Parameters
    ----------
    items
        Enumerated, or with rows ``quadrature``.
    options
        ``quadrature_nodes`` is read: the number the rows were drawn for.

    Returns
    -------
    list of Effects
        In the order of the items, Q times as wide as their embeddings for Q nodes.

    Raises
    ------
    RankDeficientError, InputError
        If the rows of a node cannot identify the effects; if the rows do not divide among the nodes, or these
        are not 2 to 16.

    References
    ----------
    .. [1] Grabisch, M. and Roubens, M. (1999). An axiomatic approach to the concept of interaction among
       players in cooperative games. International Journal of Game Theory 28, 547-565.
       https://doi.org/10.1007/s001820050125
    """
    return [_stacked(item, "shapley_interaction", options) for item in items]


def shapley_taylor(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Effects whose products are the Shapley-Taylor index of order 2; see :func:`_stacked`.

    Nearer to the empty pair: coalitions weigh with 2 (1 - p). All pairs of segments, those within one item
    included, sum with the single effects to the score; the pairs across the items alone need not.

    Parameters
    ----------
    items, options
        As in `shapley_interaction`.

    Returns
    -------
    list of Effects
        In the order of the items, Q times as wide as their embeddings for Q nodes.

    Raises
    ------
    RankDeficientError, InputError
        As `shapley_interaction`.

    References
    ----------
    .. [1] Sundararajan, M., Dhamdhere, K. and Agarwal, A. (2020). The Shapley Taylor interaction index. ICML,
       PMLR 119, 9259-9268. https://arxiv.org/abs/1902.05622
    """
    return [_stacked(item, "shapley_taylor", options) for item in items]


def faith_shap(items: Sequence[MaskedEmbeddings], options: FitOptions) -> list[Effects]:
    """Effects whose products are the top-order Faith-Shap index of order 2; see :func:`_stacked`.

    Parameters
    ----------
    items, options
        As in `shapley_interaction`.

    Returns
    -------
    list of Effects
        In the order of the items, Q times as wide as their embeddings for Q nodes.

    Raises
    ------
    RankDeficientError, InputError
        As `shapley_interaction`.

    References
    ----------
    .. [1] Tsai, C.-P., Yeh, C.-K. and Ravikumar, P. (2023). Faith-Shap: the faithful Shapley interaction
       index. Journal of Machine Learning Research 24(94), 1-42. https://arxiv.org/abs/2203.00870
    """
    return [_stacked(item, "faith_shap", options) for item in items]


def _stacked(item: MaskedEmbeddings, index: str, options: FitOptions) -> Effects:
    """Banzhaf effects at each node p_q, side by side, each times the root of its weight c_q.

    An inner product of two such rows is the sum over q of ``c_q <beta_i(p_q), beta_j(p_q)>``, which is the
    index but for the error of the quadrature, zero where both items together have at most 2 Q + 1 segments
    (Shapley interaction), 2 Q (Shapley-Taylor) or 2 Q - 1 (Faith-Shap). Means, intercepts and the two corners
    are stacked alike: the weights sum to one, so corners of a pair stay exact.
    """
    nodes = gauss_legendre(options.quadrature_nodes)
    density = DENSITIES[index]
    roots = torch.tensor(
        [(weight * density(p)) ** 0.5 for p, weight in zip(nodes.p, nodes.weight, strict=True)],
        dtype=torch.float64,
        device=item.embeddings.device,
    )
    exact = item.sets.enumerated
    found = exact_node_effects(item, nodes) if exact else _of_rows(item, options.quadrature_nodes)
    dtype = item.embeddings.dtype

    def wide(of: Float[Tensor, "nodes *rows dim"]) -> Tensor:
        scaled = roots.reshape(-1, *[1] * (of.ndim - 1)) * of.double()
        return scaled.movedim(0, -2).flatten(-2).to(dtype)

    error, scale, degrees = _error(found, roots)
    copies = len(roots)
    return Effects(
        effects=wide(found.effects),
        mean=wide(found.mean),
        intercept=wide(found.intercept),
        empty=wide(item.empty.expand(copies, -1)),
        full=wide(item.full.expand(copies, -1)),
        error=error,
        error_scale=scale.to(dtype),
        degrees=None if degrees is None else degrees.to(dtype),
        spread=None,
        halves=None,
        sampled=not exact,
        rank=item.masks.shape[1],
        condition=found.condition,
        n_masks=found.n_masks,
    )


def _of_rows(item: MaskedEmbeddings, n_nodes: int) -> NodeEffects:
    rows = item.sets.rows["quadrature"]
    n_rows = rows.stop - rows.start
    if n_rows % n_nodes:
        raise InputError(f"got {n_rows} quadrature rows, the same number for each of {n_nodes} is needed.")
    return sampled_node_effects(item.masks[rows], item.embeddings[rows].double(), gauss_legendre(n_nodes))


def _error(
    found: NodeEffects, roots: Float[Tensor, " nodes"]
) -> tuple[LowRankCovariance | None, Float[Tensor, " segments"], Float[Tensor, " segments"] | None]:
    """One covariance for all segments, how much of it each has, and its degrees of freedom.

    Nodes have designs of their own, whose variances add up, each by its trace in the degrees. Designs share
    out their errors over the segments a little differently; kept is what a segment has of all together.
    """
    n_nodes, segments, dim = found.effects.shape
    none = found.effects.new_zeros(segments)
    if found.residuals is None:
        return None, none, None
    if not found.residuals:
        return low_rank_covariance(found.effects.new_zeros(1, n_nodes * dim), _ERROR_RANK), none, None
    rows, variances, degrees = [], [], []
    for one in found.residuals:
        wide = one.residuals.new_zeros(len(one.residuals), n_nodes, dim)
        wide[:, list(one.nodes)] = one.residuals * roots[list(one.nodes), None]
        part = sandwich(one.operator, wide.flatten(1), one.basis)
        # Of single rows; their number is the design's own.
        rows.append((len(part.rows) * part.scale.mean()).sqrt() * part.rows)
        variances.append(part.scale * part.rows.square().sum())
        degrees.append(part.degrees)
    together = torch.cat(rows)
    trace, summed = together.square().sum(), torch.stack(variances).sum(dim=0)
    scale = torch.where(trace > 0, summed / torch.where(trace > 0, trace, 1.0), 0.0)
    freedom = sum_degrees(torch.stack(variances), torch.stack(degrees))
    return low_rank_covariance(together, _ERROR_RANK), scale, torch.where(summed > 0, freedom, degrees[0])
