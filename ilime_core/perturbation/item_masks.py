"""Masks of one item, fitted and held out, and the distinct coalitions that they are encoded by."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from torch import Tensor

from ilime_core.perturbation.coalitions import (
    DistinctCoalitions,
    MaskPlan,
    MaskRequest,
    distinct_coalitions,
    draw_masks,
    held_out_masks,
)
from ilime_core.perturbation.row_sets import ROW_SETS, Neighbours
from ilime_core.records import HeldOut, MaskedEmbeddings

__all__ = ["ItemMasks", "draw_item_masks"]


@dataclass(frozen=True, slots=True, eq=False)
class ItemMasks:
    """All coalitions of one item, each encoded once whatever it serves."""

    plan: MaskPlan
    held_out: Bool[np.ndarray, "samples segments"]
    coalitions: DistinctCoalitions
    """Of the plan's masks followed by the held-out ones."""

    @property
    def n_encodes(self) -> int:
        """Encodes beside the full item: the distinct coalitions and the empty item."""
        return len(self.coalitions.rows) + 1

    @property
    def n_encodes_at_most(self) -> int:
        """Encodes wherever the segments may lie: no window is the coalition of another row."""
        plan = self.plan
        placed = [rows for name, rows in plan.sets.items() if name in ROW_SETS and ROW_SETS[name].placed]
        if plan.enumerated or not placed:
            return self.n_encodes
        elsewhere = np.ones(len(plan.masks), dtype=bool)
        for rows in placed:
            elsewhere[rows] = False
        others = np.concatenate([plan.masks[elsewhere], self.held_out])
        return len(distinct_coalitions(others).rows) + int((~elsewhere).sum()) + 1

    def fitted(
        self,
        rows: Float[Tensor, "distinct dim"],
        empty: Float[Tensor, " dim"],
        full: Float[Tensor, " dim"],
    ) -> MaskedEmbeddings:
        """Embeddings of the fitted masks, in double precision: sums over masks cancel.

        Parameters
        ----------
        rows
            Embeddings of the distinct coalitions.
        empty, full
            Embeddings of the item with nothing and with everything kept.
        """
        plan = self.plan
        known = self.coalitions.expand(rows, empty, full)
        return MaskedEmbeddings(
            masks=torch.from_numpy(plan.masks).to(known.device),
            embeddings=known[: len(plan.masks)].double(),
            empty=empty.double(),
            full=full.double(),
            sets=plan.sets,
            p=plan.p,
            enumerated=plan.enumerated,
        )

    def fresh(
        self,
        rows: Float[Tensor, "distinct dim"],
        empty: Float[Tensor, " dim"],
        full: Float[Tensor, " dim"],
    ) -> HeldOut | None:
        """Embeddings of the held-out masks, from those that `fitted` takes; None where there are none."""
        if not len(self.held_out):
            return None
        known = self.coalitions.expand(rows, empty, full)
        return HeldOut(torch.from_numpy(self.held_out).to(known.device), known[len(self.plan.masks) :])


def draw_item_masks(
    n_segments: int,
    *,
    request: MaskRequest,
    n_held_out: int,
    rng_of: Callable[[str], np.random.Generator],
    neighbours: Neighbours | None = None,
) -> ItemMasks:
    """Draw the fitted and the held-out masks of one item.

    Parameters
    ----------
    n_segments, request, rng_of, neighbours
        As of :func:`~ilime_core.perturbation.coalitions.draw_masks`; held-out masks are drawn by the name
        ``held_out``.
    n_held_out
        Fresh masks to test the fit on; 0 for none.

    Raises
    ------
    InputError, RankDeficientError
        As of `draw_masks`.
    """
    plan = draw_masks(n_segments, request=request, rng_of=rng_of, neighbours=neighbours)
    held_out = np.zeros((0, n_segments), dtype=bool)
    if n_held_out:
        held_out = held_out_masks(plan, n_held_out, rng_of("held_out"))
    return ItemMasks(plan, held_out, distinct_coalitions(np.concatenate([plan.masks, held_out])))
