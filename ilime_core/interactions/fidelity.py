"""R2 of the cross part on fresh masks, without forming the grid of pairs of masks."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.batched_records import take
from ilime_core.interactions.decompositions import triangle
from ilime_core.interactions.stack import EffectsStack, stack_effects
from ilime_core.records import Effects, HeldOut

__all__ = ["HeldOutStack", "held_out_r2", "held_out_r2_pairs", "stack_held_out"]


ROUNDING = 16
"""Embeddings whose deviation is below this many units in the last place do not vary."""


@dataclass(frozen=True, slots=True, eq=False)
class HeldOutStack:
    """Statistics of many items' fresh masks, padded; G are the embeddings, Z the masks, both centred.

    Attributes
    ----------
    root
        At most ``dim`` rows R with R^T R = Cov G; zero for an item without fresh masks.
    answers
        Cov(Z, G).
    design
        Cov Z.
    effects
        The effects under test; wider than the embeddings where they stack several (quadrature).
    """

    root: Float[Tensor, "items rows dim"]
    answers: Float[Tensor, "items segments dim"]
    design: Float[Tensor, "items segments segments"]
    effects: Float[Tensor, "items segments width"]


def stack_held_out(held: Sequence[HeldOut | None], stack: EffectsStack) -> HeldOutStack:
    """Reduce items' fresh masks and embeddings to the statistics that pairs need.

    Parameters
    ----------
    held
        None for an item without fresh masks.
    stack
        Effects of the same items, fitted on other masks; they are shared, not copied.

    Returns
    -------
    HeldOutStack
        One entry per item, in the precision of the effects.

    Raises
    ------
    InputError
        If the numbers of items differ, or an item's masks do not fit its effects.
    """
    if len(held) != stack.n_items:
        raise InputError(
            f"got {len(held)} held-out sets and {stack.n_items} effects, one of each per item is needed"
        )
    like, longest = stack.effects, stack.effects.shape[1]
    dim = next((h.embeddings.shape[1] for h in held if h is not None), stack.dim)
    rows = max((min(len(h.embeddings), dim) for h in held if h is not None), default=0)
    root = like.new_zeros((len(held), rows, dim))
    answers = like.new_zeros((len(held), longest, dim))
    design = like.new_zeros((len(held), longest, longest))
    for place, (fresh, n) in enumerate(zip(held, stack.counts.tolist(), strict=True)):
        if fresh is None:
            continue
        if fresh.masks.shape[1] != n:
            raise InputError(f"got held-out masks of {fresh.masks.shape[1]} segments, {n} have effects")
        masks, embeddings = _centred(fresh, like)
        reduced = embeddings if len(embeddings) <= dim else triangle(embeddings)
        root[place, : len(reduced)] = reduced
        answers[place, :n] = masks.mT @ embeddings
        design[place, :n, :n] = masks.mT @ masks
    return HeldOutStack(root=root, answers=answers, design=design, effects=stack.effects)


def held_out_r2(left_held: HeldOut, right_held: HeldOut, left: Effects, right: Effects) -> float:
    """R2 of W for the cross part of one pair's scores on fresh masks; see :func:`held_out_r2_pairs`.

    Parameters
    ----------
    left_held, right_held
        Fresh masks of the two items with their embeddings.
    left, right
        Effects of the two items, fitted on other masks.

    Returns
    -------
    float
        NaN where an item's embeddings do not vary; negative where W is worse than none.
    """
    only = torch.zeros(1, dtype=torch.long, device=left.effects.device)
    sides = [
        stack_held_out([held], stack_effects([one])) for held, one in ((left_held, left), (right_held, right))
    ]
    return float(held_out_r2_pairs(sides[0], sides[1], only, only)[0])


def held_out_r2_pairs(
    left: HeldOutStack,
    right: HeldOutStack,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
    *,
    pairs_per_chunk: int = 64,
) -> Float[Tensor, " pairs"]:
    """R2 of z_x^T W z_y for the cross part of the scores on the grid of both items' fresh masks.

    Parameters
    ----------
    left, right
        Statistics of the items of either side.
    left_index, right_index
        Place of each pair's items in the stacks.
    pairs_per_chunk
        Pairs worked on at once; each takes both items' roots, answers, effects and designs. The result does
        not depend on it.

    Returns
    -------
    Tensor
        NaN where an item has no fresh masks or its embeddings do not vary. Negative where W is worse than
        none.

    Notes
    -----
    With everything centred on the fresh masks, f = <g, h> and its surrogate <A^T z_x, B^T z_y> give
    R2 = 1 - (D0 - 2 D1 + D2) / D0 with D0 = tr(Cov g Cov h), D1 = sum over i, j of
    <Cov(z_i, g), Cov(z_j, h)> W_ij and D2 = tr(Cov z_x W Cov z_y W^T): no cell of the grid is formed.
    """
    if not left.root.shape[1] or not right.root.shape[1]:
        # Without fresh masks the width of the embeddings is unknown: stacked effects are wider.
        return left.effects.new_full((len(left_index),), torch.nan)
    parts = [
        _r2(
            take(left, left_index[at : at + pairs_per_chunk]),
            take(right, right_index[at : at + pairs_per_chunk]),
        )
        for at in range(0, max(1, len(left_index)), pairs_per_chunk)
    ]
    return torch.cat(parts)


def _centred(
    fresh: HeldOut, like: Tensor
) -> tuple[Float[Tensor, "samples segments"], Float[Tensor, "samples dim"]]:
    """Masks and embeddings whose inner products are covariances."""
    masks, embeddings = fresh.masks.to(like.dtype), fresh.embeddings.to(like.dtype)
    root, mean = len(masks) ** 0.5, embeddings.mean(0)
    centred = (embeddings - mean) / root
    rounding = (ROUNDING * torch.finfo(like.dtype).eps) ** 2 * mean.square().sum()
    varies = centred.square().sum() > rounding
    return (masks - masks.mean(0)) / root, torch.where(varies, centred, 0.0)


def _r2(left: HeldOutStack, right: HeldOutStack) -> Float[Tensor, " pairs"]:
    weights = left.effects @ right.effects.mT
    whole = (left.root @ right.root.mT).square().sum((1, 2))
    shared = (left.answers @ right.answers.mT * weights).sum((1, 2))
    surrogate = ((left.design @ weights @ right.design) * weights).sum((1, 2))
    known = whole > 0
    return torch.where(known, (2 * shared - surrogate) / torch.where(known, whole, 1.0), torch.nan)
