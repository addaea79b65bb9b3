"""Inner products of the rows of paired items, from which everything about a pair is computed."""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.interactions.stack import EffectsStack
from ilime_core.interactions.standard_errors import IsotropicFacts, isotropic_form

__all__ = [
    "N_REFERENCES",
    "ItemFacts",
    "Panel",
    "Products",
    "check_pairs",
    "interactions",
    "panel",
    "products",
]

N_REFERENCES = 4
"""Mean, full, intercept and empty embedding, in this order, between the effects and the error factors."""


@dataclass(frozen=True, slots=True, eq=False)
class ItemFacts:
    """Scalars of items that complement their rows in a panel; squares are squared norms."""

    counts: Int[Tensor, " items"]
    effect_squares: Float[Tensor, "items segments"]
    reference_squares: Float[Tensor, "items 4"]
    error: IsotropicFacts
    error_scale: Float[Tensor, "items segments"]
    degrees: Float[Tensor, "items segments"]
    spread: IsotropicFacts
    has_halves: Bool[Tensor, " items"]

    @property
    def is_exact(self) -> Bool[Tensor, " items"]:
        """True if nothing was drawn of an item: all its coalitions are known."""
        return self.degrees[:, 0].isinf()


@dataclass(frozen=True, slots=True, eq=False)
class Panel:
    """Items as rows of one matrix each, so that a pair takes one gather and two products.

    Attributes
    ----------
    rows
        Effects, the four reference vectors, the rows K of the error in isotropic form.
    spread_rows
        Rows K of the spread in isotropic form, then the mean.
    """

    rows: Float[Tensor, "items rows dim"]
    spread_rows: Float[Tensor, "items spread_rows dim"]
    halves: Float[Tensor, "items 2 segments dim"] | None
    facts: ItemFacts
    p: float | None
    posterior: bool

    @property
    def n_segments(self) -> int:
        """Padded number of segments."""
        return self.facts.effect_squares.shape[1]

    @property
    def dim(self) -> int:
        """Width of the embeddings."""
        return self.rows.shape[2]

    @property
    def variance(self) -> float:
        """Variance of one entry of a coalition; NaN where the design's law is no product law."""
        return float("nan") if self.p is None else self.p * (1 - self.p)


@dataclass(frozen=True, slots=True, eq=False)
class Products:
    """Inner products of the rows of a chunk's left items with those of its right items."""

    rows: Float[Tensor, "pairs left_rows right_rows"]
    spread_rows: Float[Tensor, "pairs left_spread right_spread"]


def panel(stack: EffectsStack) -> Panel:
    """Arrange the rows of a stack for products."""
    error, spread = isotropic_form(stack.error), isotropic_form(stack.spread)
    references = torch.stack([stack.mean, stack.full, stack.intercept, stack.empty], dim=1)
    facts = ItemFacts(
        counts=stack.counts,
        effect_squares=stack.effects.square().sum(2),
        reference_squares=references.square().sum(2),
        error=IsotropicFacts(error.rest, error.factors.square().sum((1, 2)), stack.has_error),
        error_scale=stack.error_scale,
        degrees=stack.degrees,
        spread=IsotropicFacts(spread.rest, spread.factors.square().sum((1, 2)), stack.has_spread),
        has_halves=stack.has_halves,
    )
    return Panel(
        rows=torch.cat([stack.effects, references, error.factors], dim=1),
        spread_rows=torch.cat([spread.factors, stack.mean[:, None]], dim=1),
        halves=stack.halves,
        facts=facts,
        p=stack.p,
        posterior=stack.posterior,
    )


def products(
    left: Panel, right: Panel, left_index: Int[Tensor, " pairs"], right_index: Int[Tensor, " pairs"]
) -> Products:
    """Multiply the rows of the indexed items, pair by pair.

    Parameters
    ----------
    left, right
        Panels of the items of either side, of one width.
    left_index, right_index
        Place of each pair's items in the panels.

    Returns
    -------
    Products
        One entry per pair.
    """
    return Products(
        rows=left.rows.index_select(0, left_index) @ right.rows.index_select(0, right_index).mT,
        spread_rows=left.spread_rows.index_select(0, left_index)
        @ right.spread_rows.index_select(0, right_index).mT,
    )


def interactions(
    left: EffectsStack,
    right: EffectsStack,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
) -> Float[Tensor, "pairs left right"]:
    """W = A B^T of each pair, zero beyond the items' segments.

    Parameters
    ----------
    left, right
        Effects of the items of either side, of one estimator.
    left_index, right_index
        Place of each pair's items in the stacks.

    Returns
    -------
    Tensor, pairs x left x right
        W of each pair, padded with zeros.

    Raises
    ------
    InputError
        If the stacks' widths differ or an index points outside its stack.
    """
    check_pairs(left, right, left_index, right_index)
    return left.effects.index_select(0, left_index) @ right.effects.index_select(0, right_index).mT


def check_pairs(
    left: EffectsStack,
    right: EffectsStack,
    left_index: Int[Tensor, " pairs"],
    right_index: Int[Tensor, " pairs"],
) -> None:
    """Refuse indices outside their stack, and stacks of different widths or of different kinds of effects.

    Parameters
    ----------
    left, right
        Effects of the items of either side.
    left_index, right_index
        Place of each pair's items in the stacks.

    Raises
    ------
    InputError
        If the stacks' widths differ, an index points outside its stack, or posterior means of one side go
        with other effects of the other.
    """
    if left.dim != right.dim:
        raise InputError(f"got embeddings of widths {left.dim} and {right.dim}, one width is needed")
    if left.posterior != right.posterior:
        raise InputError("got posterior means of one side only, effects of one kind are needed")
    for name, stack, index in (("left", left, left_index), ("right", right, right_index)):
        if index.numel() and not 0 <= int(index.min()) <= int(index.max()) < stack.n_items:
            raise InputError(
                f"got {name} indices {int(index.min())} to {int(index.max())}, "
                f"0 to {stack.n_items - 1} are in the stack"
            )
