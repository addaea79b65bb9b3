"""Banzhaf effects of one item at every node of a quadrature over the keeping probability."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.effects.degrees import sandwich_degrees
from ilime_core.effects.normal_equations import condition_of
from ilime_core.perturbation.foldover import block_order
from ilime_core.perturbation.quadrature_rows import Nodes
from ilime_core.records import MaskedEmbeddings

__all__ = ["NodeEffects", "NodeResiduals", "exact_node_effects", "sampled_node_effects"]

_LEAST_FREEDOM = 8
"""Residual degrees of freedom below which no standard error is given."""


@dataclass(frozen=True, slots=True, eq=False)
class NodeResiduals:
    """Residuals that one design leaves at its nodes, scaled so that rows^T rows is their covariance.

    That is the covariance of an effect in the mean over segments, and ``scale[i]`` times it the one of effect
    i, over the nodes together: complements share their masks' luck. ``degrees`` are those of freedom of that
    covariance's estimate.
    """

    nodes: tuple[int, ...]
    rows: Float[Tensor, "rows nodes dim"]
    scale: Float[Tensor, " segments"]
    degrees: Float[Tensor, ""]


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
    """Effects at each node from all coalitions, by their probability."""
    masks = item.masks[: item.n_banzhaf].double()
    embeddings = item.embeddings[: item.n_banzhaf].double()
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
        found, fitted = _regress(rows, targets)
        effects[list(places)] = found.movedim(1, 0)
        conditions.append(fitted.condition)
        if len(rows) - kept.shape[2] - (node != mirror) < _LEAST_FREEDOM:
            residuals.append(None)
            continue
        left = targets - torch.einsum("rs,snd->rnd", rows, found)
        spread = fitted.spread.sqrt()[:, None, None] * left
        degrees = _degrees(rows, fitted.spread, centred=node != mirror)
        residuals.append(NodeResiduals(places, spread, fitted.share, degrees))
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


def _degrees(
    rows: Float[Tensor, "rows segments"], spread: Float[Tensor, " rows"], *, centred: bool
) -> Float[Tensor, ""]:
    """Degrees of freedom of the residuals; centring has spent one of them."""
    columns = torch.cat([rows, torch.ones_like(rows[:, :1])], dim=1) if centred else rows
    return sandwich_degrees(spread[:, None], torch.linalg.qr(columns).Q)[0]


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


@dataclass(frozen=True, slots=True, eq=False)
class _Fitted:
    """What a design says of its errors.

    ``spread`` is what the squared residual of a row adds to the variance of an effect, in the mean over
    segments, and ``share`` how much of that mean each segment has.
    """

    spread: Float[Tensor, " rows"]
    share: Float[Tensor, " segments"]
    condition: float


def _regress(
    rows: Float[Tensor, "rows segments"], targets: Float[Tensor, "rows nodes dim"]
) -> tuple[Float[Tensor, "segments nodes dim"], _Fitted]:
    gram = rows.mT @ rows
    condition = condition_of(gram, len(rows))
    operator = torch.linalg.solve(gram, rows.mT)
    # Far from p = 1/2 few rows keep much, and those have both the residuals and the leverage.
    leverage = (operator * rows.mT).sum(dim=0) + 1.0 / len(rows)
    variance = operator.square().sum(dim=1)
    spread = operator.square().mean(dim=0) / (1.0 - leverage).clamp(min=1.0 / len(rows))
    found = torch.einsum("sr,rnd->snd", operator, targets)
    return found, _Fitted(spread, variance / variance.mean(), condition)
