"""Banzhaf effects of one item at every node of a quadrature over the keeping probability."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.normal_equations import condition_of
from ilime_core.perturbation.foldover import block_order
from ilime_core.perturbation.quadrature_rows import Nodes
from ilime_core.records import MaskedEmbeddings

__all__ = ["NodeEffects", "NodeResiduals", "exact_node_effects", "sampled_node_effects"]

_LEAST_FREEDOM = 8
"""Residual degrees of freedom below which no standard error is given."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeResiduals:
    """What one design leaves at its nodes, for :func:`~ilime_core.effects.sandwich.sandwich`.

    The nodes share their masks, so their effects have the same operator, and errors that belong together.
    """

    nodes: tuple[int, ...]
    residuals: Float[Tensor, "rows nodes dim"]
    operator: Float[Tensor, "segments rows"]
    basis: Float[Tensor, "rows columns"]


@dataclass(frozen=True, slots=True, eq=False)
class NodeEffects:
    """Regressions at each node, in ascending p.

    ``residuals`` has one entry for each independent design, none where all coalitions were encoded; it is
    None where too few masks were drawn.
    """

    effects: Float[Tensor, "nodes segments dim"]
    mean: Float[Tensor, "nodes dim"]
    intercept: Float[Tensor, "nodes dim"]
    residuals: tuple[NodeResiduals, ...] | None
    condition: float
    n_masks: int


def exact_node_effects(item: MaskedEmbeddings, nodes: Nodes) -> NodeEffects:
    """Effects at each node from all coalitions, by their probability.

    Parameters
    ----------
    item
        Enumerated: its Banzhaf rows are all coalitions.
    nodes
        Keeping probabilities of the quadrature.

    Returns
    -------
    NodeEffects
        In double precision; ``residuals`` is empty, for nothing was drawn.
    """
    masks = item.masks[: item.sets.n_banzhaf].double()
    embeddings = item.embeddings[: item.sets.n_banzhaf].double()
    kept, segments = masks.sum(dim=1), masks.shape[1]
    effects, means, intercepts = [], [], []
    for p in nodes.p.tolist():
        law = p**kept * (1.0 - p) ** (segments - kept)
        effects.append((law[:, None] * (masks - p)).mT @ embeddings / (p * (1.0 - p)))
        means.append(law @ embeddings)
        intercepts.append(means[-1] - p * effects[-1].sum(dim=0))
    return NodeEffects(torch.stack(effects), torch.stack(means), torch.stack(intercepts), (), 1.0, len(masks))


def sampled_node_effects(
    masks: Bool[Tensor, "samples segments"], embeddings: Float[Tensor, "samples dim"], nodes: Nodes
) -> NodeEffects:
    """Effects at each node from rows of :func:`~ilime_core.perturbation.quadrature_rows.quadrature_rows`.

    Parameters
    ----------
    masks
        As many rows for each node, one node's after the other's; the last node's are the complements of the
        first's.
    embeddings
        Of the masked item, in double precision.
    nodes
        Keeping probabilities of the quadrature.

    Returns
    -------
    NodeEffects
        ``residuals`` is None if a design leaves fewer than 8 degrees of freedom.

    Raises
    ------
    RankDeficientError
        If the rows of a node cannot identify the effects.
    """
    n_nodes = len(nodes.p)
    kept = masks.reshape(n_nodes, -1, masks.shape[1]).double()
    seen = embeddings.reshape(n_nodes, kept.shape[1], -1)
    effects = seen.new_zeros(n_nodes, kept.shape[2], seen.shape[2])
    residuals: list[NodeResiduals | None] = []
    conditions: list[float] = []
    for node in range((n_nodes + 1) // 2):
        mirror = n_nodes - 1 - node
        places = (node,) if node == mirror else (node, mirror)
        rows, targets = (
            _folded(kept[node], seen[node])
            if node == mirror
            # Complements of centred rows are their negatives: one regression serves both nodes.
            else (_centred(kept[node]), torch.stack([_centred(seen[node]), -_centred(seen[mirror])], dim=1))
        )
        gram = rows.mT @ rows
        conditions.append(condition_of(gram, len(rows)))
        operator = torch.linalg.solve(gram, rows.mT)
        found = torch.einsum("sr,rnd->snd", operator, targets)
        effects[list(places)] = found.movedim(1, 0)
        basis = _basis(rows, centred=node != mirror)
        if len(basis) - basis.shape[1] < _LEAST_FREEDOM:
            residuals.append(None)
            continue
        left = targets - torch.einsum("rs,snd->rnd", rows, found)
        residuals.append(NodeResiduals(places, left, operator, basis))
    p = torch.as_tensor(nodes.p, device=kept.device)
    intercept = seen.mean(dim=1) - (kept.mean(dim=1)[:, None] @ effects)[:, 0]
    known = [one for one in residuals if one is not None]
    return NodeEffects(
        effects,
        intercept + p[:, None] * effects.sum(dim=1),
        intercept,
        tuple(known) if len(known) == len(residuals) else None,
        max(conditions),
        len(masks),
    )


def _basis(rows: Float[Tensor, "rows segments"], *, centred: bool) -> Float[Tensor, "rows columns"]:
    """Orthonormal columns that span what is fitted; centring has fitted the constant."""
    columns = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1) if centred else rows
    return torch.linalg.qr(columns).Q


def _centred(rows: Float[Tensor, "rows width"]) -> Float[Tensor, "rows width"]:
    return rows - rows.mean(dim=0)


def _folded(
    kept: Float[Tensor, "rows segments"], seen: Float[Tensor, "rows dim"]
) -> tuple[Float[Tensor, "pairs segments"], Float[Tensor, "pairs 1 dim"]]:
    """Half-differences of complement pairs: errors of a pair belong together."""
    order = block_order(kept.shape[1])
    first, second = seen.reshape(-1, 2, order, seen.shape[1]).unbind(dim=1)
    signs = kept.reshape(-1, 2, order, kept.shape[1])[:, 0].flatten(0, 1) - 0.5
    return signs, ((first - second) / 2.0).flatten(0, 1)[:, None]
