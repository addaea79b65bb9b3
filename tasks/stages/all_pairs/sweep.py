"""Stage sweep: totals of every pair of one tile of left and right items."""

from functools import partial

import numpy as np
import pyarrow as pa

from ilime_core.aggregates.slices import ALL
from ilime_core.all_pairs import PanelTotals, SegmentTotals, panel_totals
from ilime_core.all_pairs.histograms import MEASURES
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.stages.all_pairs.sides import (
    SIDES,
    SidePlaces,
    pair_relations,
    read_ragged,
    side_places,
    slices_of_all,
)
from tasks.stages.all_pairs.typed_table import typed_table
from tasks.stages.block_report import BlockReport
from tasks.stages.progress import report_progress
from tasks.stages.run_block import BlockResult, run_block

__all__ = ["RELATIONS", "sweep_block"]

RELATIONS = ("other", "positive")
"""Words of the relations that histograms count, in their order."""


def sweep_block(root: str, run_id: str, block: int) -> BlockReport:
    """Form W of every pair of one tile, and keep what the pairs add up to.

    Parameters
    ----------
    root
        Folder or URL of the storage.
    run_id
        Id of the run.
    block
        Number of the tile.

    Returns
    -------
    BlockReport
        Rows and counts of the committed block.
    """
    run = open_run_plan(root, run_id)
    return run_block(run, "sweep", block, partial(_sweep, run, block))


def _sweep(run: OpenRun, block: int) -> BlockResult:
    tile = match_plan(run).sweep_tiles[block]
    places = {side: side_places(run, side) for side in SIDES}
    blocks = {"left": tile.left, "right": tile.right}
    left, right = (read_ragged(run, blocks[side], places[side]) for side in SIDES)
    tables: dict[str, pa.Table] = {}
    if left is not None and right is not None:
        relations = pair_relations(run, places["left"], places["right"])
        slices = slices_of_all(run, places["left"], places["right"])
        totals = panel_totals(left, right, relations, slices=slices)
        tables = _tables(block, totals, (ALL, *slices.names), places["left"], places["right"])
    report_progress("sweep", tile.n_pairs, "pairs")
    commits = run.commits("score", sorted({*tile.left, *tile.right}))
    return BlockResult(tables, inputs=tuple(commit.digest for commit in commits))


def _tables(
    block: int, totals: PanelTotals, slices: tuple[str, ...], left: SidePlaces, right: SidePlaces
) -> dict[str, pa.Table]:
    segments = pa.concat_tables(
        [_segments(block, "left", totals.left, left), _segments(block, "right", totals.right, right)]
    )
    counts = np.concatenate([totals.histograms.total[None], totals.histograms.by_slice])
    sliced, relation, measure, place = np.nonzero(counts)
    histograms = {
        "tile": np.full(len(place), block),
        "slice": [slices[one] for one in sliced],
        "measure": [MEASURES[one] for one in measure],
        "relation": [RELATIONS[one] for one in relation],
        "bin": place,
        "n": counts[sliced, relation, measure, place],
    }
    cells = totals.cells
    top = {
        "tile": np.full(len(cells.value), block),
        "rank": np.arange(1, len(cells.value) + 1),
        "left_id": [left.item_ids[one] for one in cells.left],
        "right_id": [right.item_ids[one] for one in cells.right],
        "left_segment": cells.left_segment,
        "right_segment": cells.right_segment,
        "weight": cells.value,
    }
    return {
        "tile_segments": segments,
        "tile_histograms": typed_table("tile_histograms", histograms),
        "tile_cells": typed_table("tile_cells", top),
    }


def _segments(block: int, side: str, totals: SegmentTotals, places: SidePlaces) -> pa.Table:
    names = pa.DictionaryArray.from_arrays(pa.array(totals.position), pa.array(places.item_ids, pa.string()))
    columns: dict[str, object] = {
        "tile": np.full(len(totals.segment), block),
        "side": [side] * len(totals.segment),
        "item_id": names.cast(pa.string()),
        "segment": totals.segment,
        "net": totals.net,
        "mass": totals.mass,
        "n_largest": totals.n_largest,
        "n_candidates": totals.n_candidates,
    }
    return typed_table("tile_segments", columns)
