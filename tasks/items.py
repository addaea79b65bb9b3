"""The items that later stages work on, with what their plans and the embed stage know of them."""

from collections.abc import Collection
from dataclasses import dataclass, fields

import numpy as np
import pyarrow.compute as pc

from tasks.commits import read_rows
from tasks.corpora.corpus import ImageEntry
from tasks.plan import OpenRun

__all__ = ["Item", "read_items"]


@dataclass(frozen=True, slots=True, eq=False)
class Item:
    """One row of ``items``."""

    item_id: str
    entry: int
    modality: str
    uri: str
    uri_member: str | None
    uri_offset: int | None
    uri_size: int | None
    external_id: str
    text: str | None
    sha256: str
    embedding: np.ndarray

    @property
    def image(self) -> ImageEntry:
        """Where the bytes of an image are."""
        return ImageEntry(self.uri, self.external_id, self.uri_member, self.uri_offset, self.uri_size)


def read_items(run: OpenRun, item_ids: Collection[str]) -> dict[str, Item]:
    """Read items by id, in the order asked."""
    columns = [field.name for field in fields(Item)]
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
