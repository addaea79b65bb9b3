"""Blocks of fitted pairs with the segments of their items, one block at a time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Int64, Shaped

from ilime_core.errors import InternalError
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.spec.estimator_kinds import pair_estimators
from tasks.stages.match.opaque_blocks import STAGE
from tasks.tables.arrays import item_runs
from tasks.tables.row_filters import among

__all__ = [
    "FittedBlock",
    "Pairs",
    "SegmentRows",
    "codes_of",
    "fitted_blocks",
    "segment_rows",
    "selected_pairs",
]


@dataclass(frozen=True, slots=True)
class FittedBlock:
    """Records of one block of fits, and of the blocks that hold the segments of its items."""

    fits: Commit
    segments: tuple[Commit, ...]


def fitted_blocks(run: OpenRun, estimator: str) -> Iterator[FittedBlock]:
    """Blocks that hold the fits of an estimator.

    Parameters
    ----------
    run
        Opened plan of the run.
    estimator
        Name of the estimator.

    Yields
    ------
    FittedBlock
        In the order of the plan.
    """
    plan = match_plan(run)
    opaque = estimator in pair_estimators(run.plan.parameters)
    stage, blocks = (STAGE, plan.opaque_blocks) if opaque else ("fit", plan.pair_blocks)
    for one in blocks:
        [fits] = run.commits(stage, [one.block])
        yield FittedBlock(fits, tuple(run.commits("segment", one.reads)))


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Selected pairs of a run, sorted by id."""

    table: pa.Table
    ids: np.ndarray
    """Ids of the pairs as bytes, for searching."""

    def rows_of(self, pair_ids: Sequence[str]) -> Int64[np.ndarray, " pairs"]:
        """Rows of pairs by id.

        Raises
        ------
        InternalError
            If one of them was not selected.
        """
        wanted = np.array(pair_ids, dtype=np.bytes_)
        rows = np.minimum(np.searchsorted(self.ids, wanted), len(self.ids) - 1)
        if not np.array_equal(self.ids[rows], wanted):
            raise InternalError("a pair was fitted that match has not selected")
        return rows.astype(np.int64)

    def column(
        self, name: str, rows: Shaped[np.ndarray, " rows"] | None = None
    ) -> Shaped[np.ndarray, " rows"]:
        """Values of a column.

        Parameters
        ----------
        name
            Name of the column.
        rows
            Numbers of the wanted rows; None for all.

        Returns
        -------
        Array, one entry per row
            Text as objects.
        """
        values = self.table[name] if rows is None else self.table[name].take(pa.array(rows))
        return values.to_numpy(zero_copy_only=False)


def selected_pairs(run: OpenRun) -> Pairs:
    """Read the selected pairs of a run: their items, modalities and relations."""
    columns = ["pair_id", "left_id", "right_id", "left_modality", "right_modality", "relation", "is_positive"]
    rows = read_rows(run.storage, run.commits("match", [0]), "pairs", columns).sort_by("pair_id")
    return Pairs(rows, np.array(rows["pair_id"].to_pylist(), dtype=np.bytes_))


@dataclass(frozen=True, slots=True, eq=False)
class SegmentRows:
    """Rows of the table ``segments`` of some items, together by item."""

    table: pa.Table
    first: dict[str, int]
    """First row of each item; its segments follow it from 0 on."""

    def places(
        self, item_ids: Sequence[str], items: Int64[np.ndarray, " rows"], segments: Int64[np.ndarray, " rows"]
    ) -> Int64[np.ndarray, " rows"]:
        """Rows of segments.

        Parameters
        ----------
        item_ids
            Items that ``items`` counts.
        items, segments
            Number of the item of each segment, and the segment.

        Returns
        -------
        Int array, one per segment
            Rows of ``table``.
        """
        starts = np.array([self.first[name] for name in item_ids], dtype=np.int64)
        return starts[items] + segments


def codes_of(column: pa.ChunkedArray, names: Sequence[str]) -> Int64[np.ndarray, " rows"]:
    """Place of each value among names; -1 of NULL and of other values.

    Parameters
    ----------
    column
        Column of text.
    names
        Each once.

    Returns
    -------
    Int array, one per row
        Places in ``names``.
    """
    places = {name: place for place, name in enumerate(names)}
    return np.array([places.get(value, -1) for value in column.to_pylist()], dtype=np.int64)


def segment_rows(
    run: OpenRun, commits: Iterable[Commit], item_ids: Iterable[str], columns: Sequence[str]
) -> SegmentRows:
    """Read the segments of some items.

    Parameters
    ----------
    run
        Opened plan of the run.
    commits
        Records of stage segment that hold them.
    item_ids
        Items to read.
    columns
        Columns beside item and segment.

    Returns
    -------
    SegmentRows
        Rows together by item.
    """
    names = ["item_id", "segment", *columns]
    rows = read_rows(run.storage, commits, "segments", names, among("item_id", item_ids))
    table, first, _ = item_runs(rows, "segment")
    ids = table["item_id"].take(pa.array(first)).to_pylist() if len(first) else []
    return SegmentRows(table, dict(zip(ids, first.tolist(), strict=True)))
