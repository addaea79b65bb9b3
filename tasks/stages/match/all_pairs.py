"""Plan of the stages sweep and gather: tiles of the grid of all pairs, and which of them match."""

from collections.abc import Iterator, Sequence
from math import isqrt

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from tasks.run_files.match_plan import ItemBlock, SweepTile, match_plan, write_named_table
from tasks.run_files.plan import OpenRun
from tasks.run_files.plan_files import read_named_table
from tasks.stages.match.tables import MatchSide

__all__ = ["read_matching_pairs", "sweep_tiles", "write_matching_pairs"]

_WIDER = 5
"""Right items of a tile to one left item: panels of many right items are the fastest."""


def sweep_tiles(item_blocks: Sequence[ItemBlock], n_pairs: int) -> tuple[SweepTile, ...]:
    """Cut the grid of all left by all right items into tiles of whole item blocks.

    Parameters
    ----------
    item_blocks
        Blocks of all items.
    n_pairs
        Pairs of a tile, about: a tile ends with the block that reaches its size.

    Returns
    -------
    tuple of SweepTile
        Row by row, so that tiles that follow each other read the same left items.
    """
    height = max(1, isqrt(n_pairs // _WIDER))
    rows = list(_groups([block for block in item_blocks if "left" in block.sides], height))
    columns = list(
        _groups([block for block in item_blocks if "right" in block.sides], max(1, n_pairs // height))
    )
    cells = [(left, right) for left in rows for right in columns]
    return tuple(
        SweepTile(
            block=number,
            left=tuple(block.block for block in left),
            right=tuple(block.block for block in right),
            n_pairs=_n_items(left) * _n_items(right),
        )
        for number, (left, right) in enumerate(cells)
    )


def _groups(blocks: Sequence[ItemBlock], n_items: int) -> Iterator[list[ItemBlock]]:
    group: list[ItemBlock] = []
    for block in blocks:
        group.append(block)
        if _n_items(group) >= n_items:
            yield group
            group = []
    if group:
        yield group


def _n_items(blocks: Sequence[ItemBlock]) -> int:
    return sum(len(block.item_ids) for block in blocks)


def write_matching_pairs(
    run: OpenRun, sides: tuple[MatchSide, MatchSide], relevance: Int64[np.ndarray, "matches 2"]
) -> str:
    """Write all pairs that match as a table of the plan.

    Parameters
    ----------
    run
        Opened plan of the run.
    sides
        Left and right items.
    relevance
        Their positions.

    Returns
    -------
    str
        Name of the file.
    """
    left, right = (
        pa.array([side.ids[i] for i in places], pa.string())
        for side, places in zip(sides, relevance.T, strict=True)
    )
    table = pa.table({"left_id": left, "right_id": right})
    return write_named_table(run.storage, run.run_id, "matches", table)


def read_matching_pairs(run: OpenRun) -> pa.Table:
    """Read all pairs that match: columns ``left_id`` and ``right_id``; none where match wrote no table."""
    name = match_plan(run).matches
    if name is None:
        return pa.table({"left_id": pa.array([], pa.string()), "right_id": pa.array([], pa.string())})
    return read_named_table(run.storage, run.run_id, name)
