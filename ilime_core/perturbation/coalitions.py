"""Which coalitions of an item are fitted, held out and encoded."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import accumulate

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.errors import InputError
from ilime_core.perturbation.designs import DESIGNS
from ilime_core.perturbation.enumerate_all import MOST_SEGMENTS, enumerate_all
from ilime_core.perturbation.foldover import foldover, foldover_rows
from ilime_core.perturbation.iid import bernoulli_masks
from ilime_core.perturbation.paired_sizes import SizeBudget, paired_sizes
from ilime_core.perturbation.row_sets import ROW_SETS, Neighbours, RowRequest

__all__ = [
    "DistinctCoalitions",
    "MaskPlan",
    "MaskRequest",
    "count_encodes",
    "distinct_coalitions",
    "draw_masks",
    "held_out_masks",
]

_EMPTY, _FULL = -1, -2


@dataclass(frozen=True, slots=True)
class MaskRequest:
    """What the spec asks of one item's masks."""

    design: str
    n_masks: int
    p: float = 0.5
    shapley_masks: int = 0
    """Rows beside the Banzhaf rows for product_shapley; 0 where it is not wanted."""
    further: tuple[RowRequest, ...] = ()
    """Rows that other estimators ask for, each set under its own name."""


@dataclass(frozen=True, slots=True, eq=False)
class MaskPlan:
    """The coalitions of one item: Banzhaf rows first, then Shapley rows, then the further sets.

    ``sets`` says which rows each name stands for; where all coalitions were taken they stand under
    ``banzhaf``, and behind them only the sets that depend on where segments lie.
    """

    masks: Bool[np.ndarray, "samples segments"]
    sets: Mapping[str, slice]
    design: str
    """The design that was drawn: ``enumerate`` where all coalitions fit the request."""
    p: float

    @property
    def n_banzhaf(self) -> int:
        """Number of Banzhaf rows."""
        return self.sets["banzhaf"].stop

    @property
    def enumerated(self) -> bool:
        """Whether the Banzhaf rows are all coalitions; then they serve every estimator."""
        return self.design == "enumerate"


@dataclass(frozen=True, slots=True, eq=False)
class DistinctCoalitions:
    """The coalitions that have to be encoded, and where each mask finds its embedding.

    ``inverse`` holds the row of ``rows``, or -1 for nothing kept and -2 for everything kept: those two are
    encoded for every item anyway.
    """

    rows: Bool[np.ndarray, "distinct segments"]
    inverse: Int[np.ndarray, " samples"]

    def expand(
        self,
        embeddings: Float[Tensor, "distinct dim"],
        empty: Float[Tensor, " dim"],
        full: Float[Tensor, " dim"],
    ) -> Float[Tensor, "samples dim"]:
        """Embeddings of all masks from those of the distinct coalitions."""
        # Negative positions count from the end: the order of the two last rows is what makes -1 the empty
        # item.
        known = torch.cat([embeddings, full[None], empty[None]])
        return known[torch.from_numpy(self.inverse).to(known.device)]


def draw_masks(
    n_segments: int,
    *,
    request: MaskRequest,
    rng_of: Callable[[str], np.random.Generator],
    neighbours: Neighbours | None = None,
) -> MaskPlan:
    """Draw the masks of one item.

    All coalitions are taken instead where they are no more than the rows that would be drawn; the estimators
    then weight them by their probability.

    Parameters
    ----------
    n_segments
        Of the item.
    request
        What the spec asks for.
    rng_of
        Generator by the name of what is drawn: ``fit`` for Banzhaf and Shapley rows, else the name of the
        set. No set's rows depend on which others are wanted.
    neighbours
        Segments by their distance from each segment, for sets that slide over the item; None takes the order
        of the segments themselves, as in a text.

    Raises
    ------
    InputError
        If the design is unknown, does not allow ``p``, or fewer than two masks are asked for.
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
    n_rows = foldover_rows(n_segments, request.n_masks) if request.design == "foldover" else request.n_masks
    n_further = sum(ROW_SETS[one.name].count(n_segments, one) for one in request.further)
    everything = n_segments <= MOST_SEGMENTS and 2**n_segments <= n_rows + n_shapley + n_further
    if everything:
        parts = {"banzhaf": enumerate_all(n_segments)}
    else:
        rng = rng_of("fit")
        parts = {"banzhaf": draw(n_segments, request.n_masks, rng)}
        if n_shapley:
            budget = SizeBudget(len(parts["banzhaf"]), n_shapley, request.p)
            parts["shapley"] = paired_sizes(n_segments, budget, rng)
    for one in request.further:
        if ROW_SETS[one.name].placed or not everything:
            parts[one.name] = ROW_SETS[one.name].draw(n_segments, one, rng_of(one.name), neighbours)
    return _joined(parts, "enumerate" if everything else request.design, request.p)


def _joined(parts: Mapping[str, Bool[np.ndarray, "_ segments"]], design: str, p: float) -> MaskPlan:
    ends = list(accumulate(len(rows) for rows in parts.values()))
    sets = {name: slice(end - len(rows), end) for (name, rows), end in zip(parts.items(), ends, strict=True)}
    return MaskPlan(np.concatenate(list(parts.values())), sets, design, p)


def held_out_masks(
    plan: MaskPlan, n_masks: int, rng: np.random.Generator
) -> Bool[np.ndarray, "samples segments"]:
    """Draw fresh masks from the law of a plan, to test a fit on.

    At p = 1/2 these are whole fold-over blocks (``n_masks`` is rounded up), or the whole grid where the plan
    or the request covers it; at other p independent rows, because the grid would follow another law. An item
    whose plan is enumerated needs no further encodes in either case: every coalition has been encoded, so
    pass the plan's masks and these to :func:`distinct_coalitions` together.
    """
    n_segments = plan.masks.shape[1]
    if plan.p != 0.5:
        return bernoulli_masks(n_segments, n_masks, plan.p, rng)
    n_rows = foldover_rows(n_segments, n_masks)
    if plan.enumerated or (n_segments <= MOST_SEGMENTS and 2**n_segments <= n_rows):
        return enumerate_all(n_segments)
    return foldover(n_segments, n_masks, rng)


def distinct_coalitions(masks: Bool[np.ndarray, "samples segments"]) -> DistinctCoalitions:
    """Drop repeated rows and the two whose embeddings are known."""
    kept = masks.sum(axis=1)
    inverse = np.where(kept == 0, _EMPTY, _FULL)
    unknown = (kept > 0) & (kept < masks.shape[1])
    _, first, position = np.unique(
        np.packbits(masks[unknown], axis=1), axis=0, return_index=True, return_inverse=True
    )
    inverse[unknown] = position.reshape(-1)
    return DistinctCoalitions(masks[unknown][first], inverse)


def count_encodes(plan: MaskPlan) -> int:
    """Distinct coalitions to encode for a plan, beside the empty and the full item."""
    return len(distinct_coalitions(plan.masks).rows)
