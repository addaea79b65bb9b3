"""Fitted and held-out masks of one item, and the distinct coalitions to encode."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import accumulate

import numpy as np
import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from ilime_core.records import HeldOut, MaskedEmbeddings, MaskSets

__all__ = ["ItemMasks"]

_EMPTY, _FULL = -1, -2


@dataclass(frozen=True, eq=False)
class ItemMasks:
    """Masks of one item; coalitions that occur several times are encoded once.

    Attributes
    ----------
    masks
        Those that are fitted: Banzhaf rows first, then Shapley rows, then the further sets.
    sets
        Rows of ``masks`` by the name of their set.
    held_out
        Fresh masks to test a fit on.
    placed
        Those sets that depend on where segments lie.
    """

    masks: Bool[np.ndarray, "samples segments"]
    sets: MaskSets
    held_out: Bool[np.ndarray, "held_out segments"]
    placed: tuple[str, ...] = ()

    @classmethod
    def of_parts(
        cls, parts: Mapping[str, Bool[np.ndarray, "_ segments"]], design: str, p: float
    ) -> "ItemMasks":
        """Concatenate sets of fitted rows in their order, without held-out masks.

        Parameters
        ----------
        parts
            Rows by the name of their set.
        design
            Name of the design that was drawn.
        p
            Probability of keeping a segment in the Banzhaf rows.

        Returns
        -------
        ItemMasks
            All rows; ``held_out`` has none.
        """
        masks = np.concatenate(list(parts.values()))
        ends = accumulate(len(rows) for rows in parts.values())
        rows = {
            name: slice(end - len(part), end) for (name, part), end in zip(parts.items(), ends, strict=True)
        }
        return cls(masks, MaskSets(rows, design, p), masks[:0])

    @property
    def n_segments(self) -> int:
        """Segments of the item."""
        return self.masks.shape[1]

    @property
    def encoded(self) -> Bool[np.ndarray, "distinct segments"]:
        """Coalitions to encode: distinct, without the empty and the full one."""
        return self._distinct[0]

    @property
    def n_encodes(self) -> int:
        """Encodes beside the full item: the distinct coalitions and the empty item."""
        return len(self.encoded) + 1

    @property
    def n_encodes_at_most(self) -> int:
        """Upper bound on the encodes, whatever the segments' places: assumes that no window repeats another
        row.
        """
        placed = [self.sets.rows[name] for name in self.placed if name in self.sets.rows]
        if self.sets.enumerated or not placed:
            return self.n_encodes
        elsewhere = np.ones(len(self.masks), dtype=bool)
        for rows in placed:
            elsewhere[rows] = False
        others = np.concatenate([self.masks[elsewhere], self.held_out])
        return len(_distinct_rows(others)[0]) + int((~elsewhere).sum()) + 1

    def embeddings(
        self,
        encoded: Float[Tensor, "distinct dim"],
        empty: Float[Tensor, " dim"],
        full: Float[Tensor, " dim"],
    ) -> Float[Tensor, "masks dim"]:
        """Expand the embeddings of the encoded coalitions to ``masks`` and then ``held_out``.

        Parameters
        ----------
        encoded
            Embeddings of `encoded`, row by row.
        empty, full
            Embeddings of the item with nothing and with everything kept.

        Returns
        -------
        Tensor, masks x dim
            One row per fitted mask, then one per held-out mask.
        """
        # Negative positions count from the end: the order of the two last rows is what makes -1 the empty
        # item.
        known = torch.cat([encoded, full[None], empty[None]])
        return known[torch.from_numpy(self._distinct[1]).to(known.device)]

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
            Embeddings of the encoded coalitions.
        empty, full
            Embeddings of the item with nothing and with everything kept.

        Returns
        -------
        MaskedEmbeddings
            Record that the estimators of effects read.
        """
        known = self.embeddings(rows, empty, full)
        return MaskedEmbeddings(
            masks=torch.from_numpy(self.masks).to(known.device),
            embeddings=known[: len(self.masks)].double(),
            empty=empty.double(),
            full=full.double(),
            sets=self.sets,
        )

    def fresh(
        self,
        rows: Float[Tensor, "distinct dim"],
        empty: Float[Tensor, " dim"],
        full: Float[Tensor, " dim"],
    ) -> HeldOut | None:
        """Return the held-out masks with their embeddings.

        Parameters
        ----------
        rows
            Embeddings of the encoded coalitions.
        empty, full
            Embeddings of the item with nothing and with everything kept.

        Returns
        -------
        HeldOut or None
            None where no mask is held out.
        """
        if not len(self.held_out):
            return None
        known = self.embeddings(rows, empty, full)
        return HeldOut(torch.from_numpy(self.held_out).to(known.device), known[len(self.masks) :])

    def of_sets(self, names: Collection[str]) -> "ItemMasks":
        """Keep the named sets only; drawing them alone could give other masks, because few rows may be
        enumerated.
        """
        kept = {name: self.masks[rows] for name, rows in self.sets.rows.items() if name in names}
        if len(kept) == len(self.sets.rows):
            return self
        parts = self.of_parts(kept, self.sets.design, self.sets.p)
        return replace(parts, held_out=self.held_out, placed=self.placed)

    @cached_property
    def _distinct(self) -> tuple[Bool[np.ndarray, "distinct segments"], Int[np.ndarray, " masks"]]:
        return _distinct_rows(np.concatenate([self.masks, self.held_out]))


def _distinct_rows(
    masks: Bool[np.ndarray, "samples segments"],
) -> tuple[Bool[np.ndarray, "distinct segments"], Int[np.ndarray, " samples"]]:
    """Coalitions without repetitions and the two whose embeddings are known; the row of each mask among them.

    The row is -1 for nothing kept and -2 for everything kept.
    """
    kept = masks.sum(axis=1)
    inverse = np.where(kept == 0, _EMPTY, _FULL)
    unknown = (kept > 0) & (kept < masks.shape[1])
    _, first, position = np.unique(
        np.packbits(masks[unknown], axis=1), axis=0, return_index=True, return_inverse=True
    )
    inverse[unknown] = position.reshape(-1)
    return masks[unknown][first], inverse
