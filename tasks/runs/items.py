"""Items that later stages work on: their manifest entry and the row of the embed stage."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np

from tasks.corpora.corpus import ImageEntry
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import item_blocks_of, match_plan
from tasks.run_files.plan import OpenRun
from tasks.tables.arrays import matrix
from tasks.tables.row_filters import among

__all__ = ["ENTRY_COLUMNS", "Item", "ListedItem", "image_entry", "read_items"]

ENTRY_COLUMNS = ("uri", "external_id", "uri_member", "uri_offset", "uri_size")
"""Columns of the table ``items`` that tell where an image's bytes are."""


@dataclass(frozen=True, slots=True, eq=False)
class ListedItem:
    """One entry of a run's manifest: the place of its content."""

    entry: int
    modality: str
    uri: str
    uri_member: str | None
    uri_offset: int | None
    uri_size: int | None
    external_id: str
    text: str | None

    @property
    def image(self) -> ImageEntry:
        """Place of the bytes of an image."""
        return ImageEntry(self.uri, self.external_id, self.uri_member, self.uri_offset, self.uri_size)


@dataclass(frozen=True, slots=True, eq=False)
class Item(ListedItem):
    """One row of ``items``."""

    item_id: str
    sha256: str
    embedding: np.ndarray


def image_entry(row: Mapping[str, Any]) -> ImageEntry:
    """Place of the bytes of an image, from its row of ``items``."""
    return ImageEntry(*(row[name] for name in ENTRY_COLUMNS))


def read_items(run: OpenRun, item_ids: Collection[str]) -> dict[str, Item]:
    """Read items by id from the parts that hold them.

    Parameters
    ----------
    run
        Run whose match is committed.
    item_ids
        Items of its pairs.

    Returns
    -------
    dict of str to Item
        In the order of ``item_ids``.
    """
    blocks = match_plan(run).item_blocks
    holding = {block for place in item_blocks_of(run, item_ids) for block in blocks[place].reads}
    rows = read_rows(
        run.storage,
        run.commits("embed", sorted(holding)),
        "items",
        [field.name for field in fields(Item)],
        among("item_id", item_ids),
    )
    embeddings = matrix(rows["embedding"]) if rows.num_rows else ()
    known = zip(rows.drop_columns(["embedding"]).to_pylist(), embeddings, strict=True)
    found = {row["item_id"]: Item(**row, embedding=embedding) for row, embedding in known}
    return {item_id: found[item_id] for item_id in item_ids}
