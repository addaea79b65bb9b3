"""Totals of all tiles added up, tile by tile in the order of their blocks."""

from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ilime_core.all_pairs.histograms import EDGES
from ilime_core.all_pairs.top_cells import TopCells, merge_top_cells
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.plan import OpenRun
from tasks.stages.all_pairs.sides import SIDES, SidePlaces
from tasks.stages.all_pairs.typed_table import typed_table

__all__ = ["TOP_CELLS", "histogram_table", "segment_table", "top_cell_table"]

TOP_CELLS = 100
"""Cells of the benchmark that are kept; each tile keeps as many."""

_SUMS = {"net": np.float64, "mass": np.float64, "n_largest": np.int64, "n_candidates": np.int64}


def segment_table(run: OpenRun, commits: Sequence[Commit], places: dict[str, SidePlaces]) -> pa.Table:
    """Add up the totals of every segment.

    Parameters
    ----------
    run
        Opened plan of the run.
    commits
        Records of all tiles.
    places
        Positions of both sides.

    Returns
    -------
    pyarrow.Table
        Rows of ``segment_totals``; one tile is in memory at a time.
    """
    parts = [_SideSums(side, places[side]) for side in SIDES]
    for commit in commits:
        rows = read_rows(run.storage, [commit], "tile_segments", ["side", "item_id", "segment", *_SUMS])
        for part in parts:
            part.add(rows.filter(pc.field("side") == part.side))
    return pa.concat_tables([typed_table("segment_totals", part.columns()) for part in parts])


class _SideSums:
    """Sums of the segments of one side; a segment's row is found by its item's first row."""

    def __init__(self, side: str, places: SidePlaces) -> None:
        self.side = side
        self._places = places
        self._first = np.full(len(places.item_ids), -1, dtype=np.int64)
        self._sums = {
            name: np.zeros(0, dtype=np.float64 if name in {"net", "mass"} else np.int64) for name in _SUMS
        }
        self._items = np.zeros(0, dtype=np.int64)
        self._segments = np.zeros(0, dtype=np.int64)

    def add(self, rows: pa.Table) -> None:
        """Take in the rows of one tile, which has each of its segments once, item by item."""
        items, segments = self._places.positions(rows["item_id"]), rows["segment"].to_numpy()
        new = self._first[items] < 0
        if new.any():
            start = len(self._items)
            self._items = np.append(self._items, items[new])
            self._segments = np.append(self._segments, segments[new])
            for name, one in self._sums.items():
                self._sums[name] = np.append(one, np.zeros(int(new.sum()), dtype=one.dtype))
            heads = np.flatnonzero(segments[new] == 0)
            self._first[items[new][heads]] = start + heads
        places = self._first[items] + segments
        for name, one in self._sums.items():
            one[places] += rows[name].to_numpy()

    def columns(self) -> dict[str, object]:
        """Columns of ``segment_totals``."""
        n = np.maximum(self._sums["n_candidates"], 1)
        return {
            "side": [self.side] * len(self._items),
            "item_id": [self._places.item_ids[item] for item in self._items],
            "segment": self._segments,
            **self._sums,
            "mean_net": self._sums["net"] / n,
            "mean_mass": self._sums["mass"] / n,
            "largest_share": self._sums["n_largest"] / n,
        }


def histogram_table(run: OpenRun, commits: Sequence[Commit]) -> pa.Table:
    """Add up the histograms of all tiles.

    Parameters
    ----------
    run
        Opened plan of the run.
    commits
        Records of all tiles.

    Returns
    -------
    pyarrow.Table
        Rows of ``pair_histograms``.
    """
    key = ["slice", "measure", "relation", "bin"]
    found = read_rows(run.storage, commits, "tile_histograms").group_by(key).aggregate([("n", "sum")])
    place = found["bin"].to_numpy()
    edges = np.concatenate([[np.nan], EDGES, [np.nan]])  # the outer bins are open
    columns: dict[str, object] = {
        **{name: found[name] for name in key},
        "low": pa.array(edges[place], from_pandas=True),
        "high": pa.array(edges[place + 1], from_pandas=True),
        "n": found["n_sum"],
    }
    return typed_table("pair_histograms", columns)


def top_cell_table(run: OpenRun, commits: Sequence[Commit], places: dict[str, SidePlaces]) -> pa.Table:
    """Choose the largest cells of all tiles.

    Parameters
    ----------
    run
        Opened plan of the run.
    commits
        Records of all tiles.
    places
        Positions of both sides.

    Returns
    -------
    pyarrow.Table
        Rows of ``top_cells``.
    """
    parts = list(_tile_cells(run, commits, places))
    found = merge_top_cells(parts, TOP_CELLS)
    columns = {
        "rank": np.arange(1, len(found.value) + 1),
        "left_id": [places["left"].item_ids[one] for one in found.left],
        "right_id": [places["right"].item_ids[one] for one in found.right],
        "left_segment": found.left_segment,
        "right_segment": found.right_segment,
        "weight": found.value,
    }
    return typed_table("top_cells", columns)


def _tile_cells(run: OpenRun, commits: Sequence[Commit], places: dict[str, SidePlaces]) -> Iterator[TopCells]:
    for commit in commits:
        rows = read_rows(run.storage, [commit], "tile_cells")
        yield TopCells(
            rows["weight"].to_numpy(),
            places["left"].positions(rows["left_id"]),
            places["right"].positions(rows["right_id"]),
            rows["left_segment"].to_numpy().astype(np.int64),
            rows["right_segment"].to_numpy().astype(np.int64),
        )
