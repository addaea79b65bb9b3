"""Pairs that match has selected, read by the stages after fit."""

from collections.abc import Collection
from dataclasses import dataclass, fields

from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.tables.row_filters import among

__all__ = ["MatchedPair", "matched_pairs"]


@dataclass(frozen=True, slots=True)
class MatchedPair:
    """One row of ``pairs``: its items, what it is, and the block that fits it."""

    pair_id: str
    left_id: str
    right_id: str
    left_modality: str
    right_modality: str
    relation: str
    block: int

    def item_id(self, side: str) -> str:
        """Id of its left or its right item."""
        return self.left_id if side == "left" else self.right_id

    def modality(self, side: str) -> str:
        """Modality of its left or its right item."""
        return self.left_modality if side == "left" else self.right_modality


def matched_pairs(run: OpenRun, pair_ids: Collection[str] | None = None) -> list[MatchedPair]:
    """Read pairs that match has selected.

    Parameters
    ----------
    run
        Run whose match is committed.
    pair_ids
        Pairs to read; None for all.

    Returns
    -------
    list of MatchedPair
        In the order of the table.
    """
    rows = read_rows(
        run.storage,
        run.commits("match", [0]),
        "pairs",
        [field.name for field in fields(MatchedPair)],
        None if pair_ids is None else among("pair_id", pair_ids),
    )
    return [MatchedPair(**row) for row in rows.to_pylist()]
