"""Item rows that a block of pairs reads: each part once for all estimators and both sides."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from torch import Tensor

from ilime_core.records import Effects, HeldOut
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.part_cache import PartCache
from tasks.stages.score.effect_tables import read_effects
from tasks.storage.many_requests import read_many
from tasks.storage.paths import is_url
from tasks.storage.storage import Storage
from tasks.tables.arrays import item_runs
from tasks.tables.row_filters import among
from tasks.tables.tensors import masks_of, vectors

__all__ = ["SCORED_PARTS", "FitInputs", "read_fit_inputs"]

CACHED_BYTES = 256 * 2**20

SCORED_PARTS = PartCache(CACHED_BYTES)
"""Several blocks of pairs read what score has committed: errors pair any item with any other."""


@dataclass(frozen=True, slots=True, eq=False)
class FitInputs:
    """Rows of the items of one side of a block of pairs, of all estimators."""

    item_fits: pa.Table
    effects: pa.Table
    masks: pa.ChunkedArray
    embeddings: Tensor
    """Of the held-out masks."""
    runs: Mapping[str, slice]
    """Rows of the held-out masks of each item that has any, in their order."""

    def explained(self, estimator: str, item_ids: Sequence[str]) -> list[str]:
        """Those of the items that have effects, in their order: a failed item has none.

        Parameters
        ----------
        estimator
            Name of the estimator.
        item_ids
            Items to look for.

        Returns
        -------
        list of str
            Ids with effects, in the order of ``item_ids``.
        """
        mine = self.item_fits.select(["item_id", "estimator"]).filter(pc.field("estimator") == estimator)
        having = set(mine["item_id"].to_pylist())
        return [name for name in item_ids if name in having]

    def effects_of(self, estimator: str, item_ids: Sequence[str]) -> list[Effects]:
        """Effects of explained items.

        Parameters
        ----------
        estimator
            Name of the estimator.
        item_ids
            Items that `explained` returned.

        Returns
        -------
        list of Effects
            One for each item, in their order.
        """
        return read_effects(_of(self.effects, estimator), _of(self.item_fits, estimator), item_ids)

    def held_out_of(self, item_ids: Sequence[str], effects: Sequence[Effects]) -> list[HeldOut | None]:
        """Fresh masks and their embeddings; None for an item without them.

        Parameters
        ----------
        item_ids
            Items of the block.
        effects
            Effects of the same items, for their numbers of segments.

        Returns
        -------
        list[HeldOut | None]
            One for each item, in their order.
        """
        found: list[HeldOut | None] = []
        for name, item in zip(item_ids, effects, strict=True):
            if name not in self.runs:
                found.append(None)
                continue
            own = self.runs[name]
            masks = masks_of(self.masks[own], item.effects.shape[0])
            found.append(HeldOut(masks, self.embeddings[own]))
        return found


def read_fit_inputs(storage: Storage, commits: Sequence[Commit], item_ids: Collection[str]) -> FitInputs:
    """Read what score has committed of some items.

    Parameters
    ----------
    storage
        Storage of the run.
    commits
        Records of score.
    item_ids
        Items of one side.

    Returns
    -------
    FitInputs
        Rows of all estimators.

    Raises
    ------
    StorageError
        If a part is missing or damaged.
    """
    mine = among("item_id", item_ids)
    wanted = {
        "embeddings": (["item_id", "row", "mask", "embedding"], (pc.field("set") == "held_out") & mine),
        "item_fits": (None, mine),
        "effects": (None, mine),
    }

    def read(table: str) -> pa.Table:
        return read_rows(storage, commits, table, *wanted[table], cache=SCORED_PARTS)

    # A bucket answers several requests at once; from a disk, threads would only take memory.
    fresh, item_fits, effects = (read_many if is_url(storage.url) else map)(read, wanted)
    fresh, first, counts = item_runs(fresh, "row")
    names = fresh["item_id"].to_numpy(zero_copy_only=False)[first]
    return FitInputs(
        item_fits=item_fits,
        effects=effects,
        masks=fresh["mask"],
        embeddings=vectors(fresh["embedding"]),
        runs={
            str(n): slice(a, a + c) for n, a, c in zip(names, first.tolist(), counts.tolist(), strict=True)
        },
    )


def _of(table: pa.Table, estimator: str) -> pa.Table:
    """Rows of one estimator; not copied where there is no other."""
    mine = pc.field("estimator") == estimator
    if table.select(["estimator"]).filter(mine).num_rows == table.num_rows:
        return table
    return table.filter(mine)
