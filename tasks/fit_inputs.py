"""What a block of pairs reads of its items: each part once, whichever estimators and sides ask."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch

from ilime_core.records import Effects, HeldOut
from tasks.commits import Commit, read_rows
from tasks.effect_tables import read_effects, vectors
from tasks.part_cache import PartCache
from tasks.storage import Storage

__all__ = ["SCORED_PARTS", "FitInputs", "read_fit_inputs"]

CACHED_BYTES = 256 * 2**20

SCORED_PARTS = PartCache(CACHED_BYTES)
"""Several blocks of pairs read what score has committed: errors pair any item with any other."""


@dataclass(frozen=True, slots=True, eq=False)
class FitInputs:
    """Rows of the items of one block of pairs, of all estimators."""

    anchors: pa.Table
    effects: pa.Table
    held_out: pa.Table
    """Sorted by item and row."""

    def explained(self, estimator: str, item_ids: Sequence[str]) -> list[str]:
        """Those of the items that have effects, in their order: a failed item has none."""
        mine = self.anchors.filter(pc.field("estimator") == estimator)
        having = set(mine["item_id"].to_pylist())
        return [name for name in item_ids if name in having]

    def effects_of(self, estimator: str, item_ids: Sequence[str]) -> list[Effects]:
        """Effects of explained items."""
        mine = (pc.field("estimator") == estimator) & pc.field("item_id").isin(list(item_ids))
        return read_effects(self.effects.filter(mine), self.anchors.filter(mine), item_ids)

    def held_out_of(self, item_ids: Sequence[str], effects: Sequence[Effects]) -> list[HeldOut | None]:
        """Fresh masks and their embeddings; None for an item without them."""
        keys = self.held_out["item_id"].to_numpy(zero_copy_only=False)
        found: list[HeldOut | None] = []
        for name, item in zip(item_ids, effects, strict=True):
            first, last = np.searchsorted(keys, [name, name + "~"])  # ids are hex: nothing lies between
            if first == last:
                found.append(None)
                continue
            mine = self.held_out.slice(first, last - first)
            packed = np.stack([np.frombuffer(mask, dtype=np.uint8) for mask in mine["mask"].to_pylist()])
            masks = np.unpackbits(packed, axis=1, count=item.effects.shape[0]).astype(bool)
            found.append(HeldOut(torch.from_numpy(masks), vectors(mine["embedding"])))
        return found


def read_fit_inputs(storage: Storage, commits: Sequence[Commit], item_ids: Collection[str]) -> FitInputs:
    """Read what score has committed of some items.

    Raises
    ------
    StorageError
        If a part is missing or damaged.
    """
    mine = pc.field("item_id").isin(sorted(item_ids))
    return FitInputs(
        anchors=read_rows(storage, commits, "anchors", filter=mine, cache=SCORED_PARTS),
        effects=read_rows(storage, commits, "effects", filter=mine, cache=SCORED_PARTS),
        held_out=read_rows(
            storage,
            commits,
            "embeddings",
            ["item_id", "row", "mask", "embedding"],
            (pc.field("set") == "held_out") & mine,
            cache=SCORED_PARTS,
        ).sort_by([("item_id", "ascending"), ("row", "ascending")]),
    )
