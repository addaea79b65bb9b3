"""Adaptive budgets: masks are doubled, those of all open items together, until an item is known well enough.

An item is decided by its own masks and embeddings alone: neither the block that it is in nor the pairs that
read it change how many masks it gets.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

from torch import Tensor

from ilime_core.effects.effect_error import effect_error
from ilime_core.perturbation.growing_masks import added_coalitions, merged_embeddings, next_budget
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.records import Effects, MaskedEmbeddings
from tasks.run_files.commits import Failure
from tasks.runs.items import Item
from tasks.spec.mask_draws import AdaptiveBudget
from tasks.stages.score.explained_item import ExplainedItem
from tasks.stages.score.perturb import Coalitions

__all__ = ["BOUND", "ENUMERATED", "MET", "grown_items"]

MET, BOUND, ENUMERATED = "met", "bound", "enumerated"
"""Why a budget grew no further: the error is small enough, all masks are drawn, all coalitions are known."""

Fit = Callable[[Sequence[MaskedEmbeddings]], list[Effects]]
Draw = Callable[[Sequence[Item], Mapping[str, int]], dict[str, ItemMasks]]
Encode = Callable[[Sequence[Item], Coalitions], Iterable[Tensor | Failure]]


def grown_items(
    started: Iterable[ExplainedItem | Failure],
    budget: AdaptiveBudget,
    most: int,
    *,
    fit: Fit,
    draw: Draw,
    encode: Encode,
) -> list[ExplainedItem | Failure]:
    """Double the masks of items until the error of their effects is met; only new coalitions are encoded.

    Parameters
    ----------
    started
        Items with the masks of the first budget, encoded, in order; failures pass.
    budget
        First budget and wanted error.
    most
        Largest budget.
    fit
        Effects of banzhaf, one for each item.
    draw
        Masks of items by their budgets, by item id.
    encode
        Embeddings of coalitions or a failure, in the order of the items.

    Returns
    -------
    list of ExplainedItem or Failure
        In the order of ``started``, each with its final masks and the reason why there are no more.
    """
    items = list(started)
    n_masks = budget.first
    budgets = {place: n_masks for place, one in enumerate(items) if isinstance(one, ExplainedItem)}
    while budgets:
        found = {place: one for place in budgets if isinstance(one := items[place], ExplainedItem)}
        fitted = fit([one.masks.fitted(one.rows, one.empty, one.full) for one in found.values()])
        larger: dict[int, int] = {}
        for (place, one), effects in zip(found.items(), fitted, strict=True):
            further = next_budget(one.masks.n_segments, budgets[place], most)
            ended = _ended(effects, budget.standard_error, further)
            items[place] = replace(one, ended=ended)
            if ended is None and further is not None:
                larger[place] = further
        grown = _larger({place: found[place] for place in larger}, larger, draw, encode)
        for place, one in grown.items():
            items[place] = one
        budgets = {place: n for place, n in larger.items() if isinstance(grown[place], ExplainedItem)}
    return items


def _ended(effects: Effects, wanted: float, further: int | None) -> str | None:
    if not effects.sampled:
        return ENUMERATED
    if effect_error(effects) <= wanted:
        return MET
    return BOUND if further is None else None


def _larger(
    known: Mapping[int, ExplainedItem], budgets: Mapping[int, int], draw: Draw, encode: Encode
) -> dict[int, ExplainedItem | Failure]:
    """The same items with the masks of larger budgets, or failures, by place."""
    if not known:
        return {}
    items = [one.item for one in known.values()]
    masks = draw(items, {one.item.item_id: budgets[place] for place, one in known.items()})
    added = {one.item.item_id: added_coalitions(one.masks, masks[one.item.item_id]) for one in known.values()}
    # All may be known, where the held-out masks are the whole grid.
    encoded = iter(encode([item for item in items if len(added[item.item_id])], added))
    grown: dict[int, ExplainedItem | Failure] = {}
    for place, one in known.items():
        name = one.item.item_id
        rows = next(encoded) if len(added[name]) else one.rows[:0]
        if isinstance(rows, Failure):
            grown[place] = rows
        else:
            merged = merged_embeddings(one.masks, masks[name], one.rows, rows)
            grown[place] = replace(one, masks=masks[name], rows=merged)
    return grown
