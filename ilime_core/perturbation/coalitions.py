"""Fitted and held-out coalitions of one item."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.perturbation.designs import DESIGNS
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all
from ilime_core.perturbation.foldover import foldover, foldover_rows
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.perturbation.item_masks import ItemMasks
from ilime_core.perturbation.paired_sizes import SizeBudget, paired_sizes
from ilime_core.perturbation.row_set import Neighbours, RowSet

__all__ = ["MaskRequest", "draw_masks", "held_out_masks"]


@dataclass(frozen=True, slots=True)
class MaskRequest:
    """Settings of one item's masks."""

    design: str
    n_masks: int
    p: float = 0.5
    shapley_masks: int = 0
    """Rows beside the Banzhaf rows for product_shapley; 0 without it."""
    further: Mapping[str, RowSet] = field(default_factory=dict[str, RowSet])
    """Rows that other estimators need, by the names of the sets."""

    def n_rows(self, n_segments: int) -> int:
        """Fitted rows of an item, repetitions included: whole fold-over blocks, pairs of Shapley rows."""
        fitted = foldover_rows(n_segments, self.n_masks) if self.design == "foldover" else self.n_masks
        further = sum(rows.count(n_segments) for rows in self.further.values())
        return fitted + self.shapley_masks + self.shapley_masks % 2 + further

    def enumerates(self, n_segments: int) -> bool:
        """True if all coalitions of an item are no more than its rows, and taken instead."""
        return n_segments <= MOST_SEGMENTS and 2**n_segments <= self.n_rows(n_segments)


def draw_masks(
    n_segments: int,
    *,
    request: MaskRequest,
    rng_of: Callable[[str], np.random.Generator],
    n_held_out: int = 0,
    neighbours: Neighbours | None = None,
) -> ItemMasks:
    """Draw the fitted and the held-out masks of one item.

    All coalitions are taken instead where they are no more than the rows that would be drawn; the estimators
    then weight them by their probability.

    Parameters
    ----------
    n_segments
        Of the item.
    request
        Settings from the spec.
    rng_of
        Generator by the name of what is drawn: ``fit`` for Banzhaf and Shapley rows, ``held_out``, else the
        name of the set. No set's rows depend on the other sets.
    n_held_out
        Fresh masks to test the fit on, as `held_out_masks` draws them; 0 for none.
    neighbours
        Segments by their distance from each segment, for sets that slide over the item; None takes the order
        of the segments themselves, as in a text.

    Returns
    -------
    ItemMasks
        Fitted masks by set, and the held-out ones.

    Raises
    ------
    InputError
        If the design is unknown, does not allow ``p``, or ``n_masks`` is below 2.
    RankDeficientError
        If iid or stratified masks cannot identify the effects.
    """
    if request.n_masks < 2 or request.shapley_masks < 0:
        raise InputError(
            f"at least 2 masks and no negative number are needed, got {request.n_masks} and "
            f"{request.shapley_masks} Shapley masks."
        )
    if n_segments < 1:
        raise InputError(f"an item needs at least one segment to be masked, got {n_segments}.")
    draw = DESIGNS[request.design].make(request.p)
    n_shapley = request.shapley_masks + request.shapley_masks % 2
    everything = request.enumerates(n_segments)
    if everything:
        parts = {"banzhaf": enumerate_all(n_segments)}
    else:
        rng = rng_of("fit")
        parts = {"banzhaf": draw(n_segments, request.n_masks, rng)}
        if n_shapley:
            budget = SizeBudget(len(parts["banzhaf"]), n_shapley, request.p)
            parts["shapley"] = paired_sizes(n_segments, budget, rng)
    for name, rows in request.further.items():
        if rows.placed or not everything:
            parts[name] = rows.draw(n_segments, rng_of(name), neighbours)
    placed = tuple(name for name, rows in request.further.items() if rows.placed)
    design = "enumerate" if everything else request.design
    masks = replace(ItemMasks.of_parts(parts, design, request.p), placed=placed)
    if not n_held_out:
        return masks
    return replace(masks, held_out=held_out_masks(masks, n_held_out, rng_of("held_out")))


def held_out_masks(
    fitted: ItemMasks, n_masks: int, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw fresh masks from the law of an item's masks, to test a fit on.

    At p = 1/2 these are whole fold-over blocks (``n_masks`` is rounded up), or the whole grid where the fit
    or the request covers it; at other p independent rows, because the grid would follow another law. An
    enumerated item needs no further encodes in either case: every coalition has been encoded.

    Parameters
    ----------
    fitted
        Masks that the fit reads.
    n_masks
        Fresh masks wanted.
    rng
        Source of the masks.

    Returns
    -------
    Bool array, samples x segments
        Fresh masks; True keeps the segment.
    """
    n_segments = fitted.n_segments
    if fitted.sets.p != 0.5:
        return bernoulli_masks(n_segments, n_masks, fitted.sets.p, rng)
    n_rows = foldover_rows(n_segments, n_masks)
    if fitted.sets.enumerated or (n_segments <= MOST_SEGMENTS and 2**n_segments <= n_rows):
        return enumerate_all(n_segments)
    return foldover(n_segments, n_masks, rng)
