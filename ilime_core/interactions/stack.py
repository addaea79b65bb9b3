"""Padded record of many items' effects, so that pairs are batched products."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.effects.degrees import error_degrees
from ilime_core.errors import InputError
from ilime_core.records import Effects, LowRankCovariance

__all__ = ["EffectsStack", "join_stacks", "stack_effects"]


@dataclass(frozen=True, slots=True, eq=False)
class EffectsStack:
    """Effects of many items under one estimator; rows of zeros pad items of fewer segments.

    Attributes
    ----------
    counts
        True number of segments of each item.
    error, has_error
        Where ``has_error`` is False the factors are zero and have no meaning. An item whose masks were all
        encoded has a known error of zero.
    degrees
        Degrees of freedom of the errors: infinite where nothing was drawn, NaN where unknown.
    spread, has_spread
        Covariance of the embeddings over the design's law; the same reading.
    halves, has_halves
        Estimates from halves of the masks; both are the estimate itself where all masks were encoded. None
        where no item has any.
    p
        Probability with which the design keeps a segment; None where its law is no product law (kernel
        weights) or the effects were shrunk (ridge): the closed-form fidelity is then unknown.
    posterior
        True if the effects are posterior means and the errors those of the posterior.
    """

    effects: Float[Tensor, "items segments dim"]
    counts: Int[Tensor, " items"]
    mean: Float[Tensor, "items dim"]
    intercept: Float[Tensor, "items dim"]
    empty: Float[Tensor, "items dim"]
    full: Float[Tensor, "items dim"]
    error: LowRankCovariance
    has_error: Bool[Tensor, " items"]
    error_scale: Float[Tensor, "items segments"]
    degrees: Float[Tensor, "items segments"]
    spread: LowRankCovariance
    has_spread: Bool[Tensor, " items"]
    halves: Float[Tensor, "items 2 segments dim"] | None
    has_halves: Bool[Tensor, " items"]
    p: float | None
    posterior: bool

    @property
    def n_items(self) -> int:
        """Number of items."""
        return self.effects.shape[0]

    @property
    def dim(self) -> int:
        """Width of the embeddings."""
        return self.effects.shape[2]


def stack_effects(
    items: Sequence[Effects], *, p: float | None = 0.5, posterior: bool = False
) -> EffectsStack:
    """Pad the effects of many items to one shape.

    Parameters
    ----------
    items
        Effects of one estimator, of one width, on one device.
    p
        Probability with which the items' design keeps a segment, or None (see :class:`EffectsStack`).
    posterior
        Whether the effects are posterior means; those of an item without errors are exact.

    Returns
    -------
    EffectsStack
        One entry per item, padded to the longest.

    Raises
    ------
    InputError
        If there is no item, an item has no segment, widths differ or ``p`` is not inside (0, 1).
    """
    _check(items, p)
    longest = max(item.effects.shape[0] for item in items)
    like = items[0].effects
    exact = torch.tensor([not item.sampled for item in items], device=like.device)
    halved = [_halves(item) for item in items]
    return EffectsStack(
        effects=torch.stack([_padded(item.effects, longest) for item in items]),
        counts=torch.tensor([item.effects.shape[0] for item in items], device=like.device),
        mean=torch.stack([item.mean for item in items]).to(like.dtype),
        intercept=torch.stack([item.intercept for item in items]).to(like.dtype),
        empty=torch.stack([item.empty for item in items]).to(like.dtype),
        full=torch.stack([item.full for item in items]).to(like.dtype),
        error=_stack_covariances([item.error if item.sampled else None for item in items], like),
        has_error=exact | torch.tensor([item.error is not None for item in items], device=like.device),
        error_scale=torch.stack(
            [_padded(item.error_scale * float(item.sampled), longest).to(like.dtype) for item in items]
        ),
        degrees=torch.stack([_padded(error_degrees(item), longest).to(like.dtype) for item in items]),
        spread=_stack_covariances([item.spread for item in items], like),
        has_spread=torch.tensor([item.spread is not None for item in items], device=like.device),
        halves=_stack_halves(halved, longest, like)
        if any(item.halves is not None for item in items)
        else None,
        has_halves=torch.tensor([half is not None for half in halved], device=like.device),
        p=p,
        posterior=posterior,
    )


def join_stacks(parts: list[EffectsStack]) -> EffectsStack:
    """Join stacks of some items each to the stack of all of them.

    Parameters
    ----------
    parts
        Stacks of one estimator and one width. The list is left empty: what a tensor of the parts took is free
        again when the next one is joined, so that memory stays at one copy and one tensor.

    Returns
    -------
    EffectsStack
        What `stack_effects` returns of all items in their order, to the bit.

    Raises
    ------
    InputError
        If there is no part, or widths differ.
    """
    widths = sorted({part.dim for part in parts})
    if len(widths) != 1:
        raise InputError(f"got parts of widths {widths}, at least one part and one width are needed")
    values = {one.name: [getattr(part, one.name) for part in parts] for one in fields(EffectsStack)}
    if any(part.halves is not None for part in parts):
        values["halves"] = [_known_halves(part) for part in parts]
    parts.clear()
    return EffectsStack(**{name: _joined(values.pop(name)) for name in list(values)})


def _joined(values: list[Any]) -> Any:
    """Tensors padded with zeros to one shape, item after item; what is no tensor is alike in all parts."""
    if isinstance(values[0], LowRankCovariance):
        return LowRankCovariance(
            _joined([one.factors for one in values]), _joined([one.rest for one in values])
        )
    if not isinstance(values[0], Tensor) or len(values) == 1:
        return values[0]
    shape = [max(sizes) for sizes in zip(*(one.shape[1:] for one in values), strict=True)]
    joined = values[0].new_zeros((sum(len(one) for one in values), *shape))
    start = 0
    for one in values:
        joined[(slice(start, start + len(one)), *map(slice, one.shape[1:]))] = one
        start += len(one)
    return joined


def _known_halves(part: EffectsStack) -> Float[Tensor, "items 2 segments dim"]:
    """Halves of a part none of whose items has any: those of an exact item are the item."""
    if part.halves is not None:
        return part.halves
    return (part.effects * part.has_halves[:, None, None])[:, None].expand(-1, 2, -1, -1)


def _check(items: Sequence[Effects], p: float | None) -> None:
    if not items:
        raise InputError("got no item to stack, at least one is needed")
    if p is not None and not 0 < p < 1:
        raise InputError(f"got p = {p}, a probability between 0 and 1 is needed")
    widths = {item.effects.shape[1] for item in items}
    if len(widths) > 1:
        raise InputError(f"got embeddings of widths {sorted(widths)}, items of one width are needed")
    if any(item.effects.shape[0] == 0 for item in items):
        raise InputError("got an item without segments, each item needs at least one")


def _halves(item: Effects) -> Float[Tensor, "2 segments dim"] | None:
    return item.halves if item.sampled else item.effects.expand(2, -1, -1)


def _padded(rows: Float[Tensor, "..."], length: int) -> Float[Tensor, "..."]:
    padded = rows.new_zeros((length, *rows.shape[1:]))
    padded[: rows.shape[0]] = rows
    return padded


def _stack_covariances(
    covariances: Sequence[LowRankCovariance | None], like: Float[Tensor, "segments dim"]
) -> LowRankCovariance:
    rank = max((c.factors.shape[0] for c in covariances if c is not None), default=0)
    factors = like.new_zeros((len(covariances), rank, like.shape[1]))
    rest = like.new_zeros(len(covariances))
    for place, covariance in enumerate(covariances):
        if covariance is not None:
            factors[place, : covariance.factors.shape[0]] = covariance.factors
            rest[place] = covariance.rest
    return LowRankCovariance(factors=factors, rest=rest)


def _stack_halves(
    halves: Sequence[Tensor | None], longest: int, like: Float[Tensor, "_ dim"]
) -> Float[Tensor, "items 2 segments dim"]:
    stacked = like.new_zeros((len(halves), 2, longest, like.shape[1]))
    for place, half in enumerate(halves):
        if half is not None:
            stacked[place, :, : half.shape[1]] = half
    return stacked
