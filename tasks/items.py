"""The items that later stages work on, with what their plans and the embed stage know of them."""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pyarrow.compute as pc

from tasks.commits import read_rows
from tasks.plan import OpenRun

__all__ = ["Item", "read_items"]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One row of ``items``."""

    item_id: str
    entry: int
    modality: str
    uri: str
    external_id: str
    text: str | None
    sha256: str
    embedding: np.ndarray


def read_items(run: OpenRun, item_ids: Collection[str]) -> dict[str, Item]:
    """Read items by id, in the order asked."""
    columns = ["item_id", "entry", "modality", "uri", "external_id", "text", "sha256", "embedding"]
    rows = read_rows(
        run.storage,
        run.commits("embed", [block.block for block in run.plan.embed_blocks]),
        "items",
        columns,
        pc.field("item_id").isin(sorted(item_ids)),
    )
    found = {row["item_id"]: row for row in rows.to_pylist()}
    return {
        item_id: Item(**found[item_id] | {"embedding": np.asarray(found[item_id]["embedding"], np.float32)})
        for item_id in item_ids
    }
