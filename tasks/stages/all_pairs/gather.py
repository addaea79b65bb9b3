"""Stage gather: every pair of the benchmark, from the totals of its tiles and two matrix products."""

from functools import partial

from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.stages.all_pairs.best_candidates import summary_table
from tasks.stages.all_pairs.rankings import agreement_table, rank_all
from tasks.stages.all_pairs.sides import SIDES, side_places
from tasks.stages.all_pairs.tile_sums import histogram_table, segment_table, top_cell_table
from tasks.stages.block_report import BlockReport
from tasks.stages.run_block import BlockResult, run_block

__all__ = ["gather_block"]


def gather_block(root: str, run_id: str, block: int) -> BlockReport:
    """Run the one block of gather.

    Parameters
    ----------
    root
        Folder or URL of the storage.
    run_id
        Id of the run.
    block
        Number of the block within its stage.

    Returns
    -------
    BlockReport
        Rows and counts of the committed block.
    """
    run = open_run_plan(root, run_id)
    return run_block(run, "gather", block, partial(_gather, run))


def _gather(run: OpenRun) -> BlockResult:
    tiles = run.commits("sweep", [tile.block for tile in match_plan(run).sweep_tiles])
    inputs = tuple(commit.digest for commit in tiles)
    if not any(commit.parts for commit in tiles):
        return BlockResult({}, inputs=inputs)  # every item of a side has failed
    places = {side: side_places(run, side) for side in SIDES}
    found = rank_all(run, places)
    return BlockResult(
        {
            "joint_rankings": agreement_table(run, found),
            "pair_summaries": summary_table(run, places, found),
            "segment_totals": segment_table(run, tiles, places),
            "pair_histograms": histogram_table(run, tiles),
            "top_cells": top_cell_table(run, tiles, places),
        },
        inputs=inputs,
    )
