"""Plan that match fixes for later stages: blocks of items to score and of pairs to fit."""

import hashlib
import io
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import BaseModel, ConfigDict

from tasks.run_files.naming import plan_key
from tasks.run_files.plan import OpenRun, open_run_plan
from tasks.run_files.plan_files import BLOCKS, create_plan_file, forget_checks, read_plan_file
from tasks.storage.storage import Storage

__all__ = [
    "BLOCKS",
    "ItemBlock",
    "MatchPlan",
    "OpaqueBlock",
    "OpaquePair",
    "PairBlock",
    "SweepTile",
    "fix_match_plan",
    "forget_plans",
    "item_blocks_of",
    "match_plan",
    "write_named_table",
]


class ItemBlock(BaseModel):
    """Items of one modality that are segmented, scored and committed together."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    modality: str
    item_ids: tuple[str, ...]
    sides: tuple[Literal["left", "right"], ...]
    """Sides that all of them are on: both for images that are query and candidate."""
    source_run: str | None
    """Earlier run whose rows are reused instead of encoding."""
    reads: tuple[int, ...]
    """Blocks of embed that hold the items."""


class PairBlock(BaseModel):
    """Pairs that are fitted and committed together, with the item blocks that they read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    n_pairs: int
    reads: tuple[int, ...]


class OpaquePair(BaseModel):
    """A sampled pair that estimators of single pairs explain."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    pair_id: str
    left_id: str
    right_id: str


class OpaqueBlock(BaseModel):
    """Sampled pairs scored by a black box and committed together, with the item blocks that they read."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    pairs: tuple[OpaquePair, ...]
    reads: tuple[int, ...]


class SweepTile(BaseModel):
    """Every pair of some left with some right items: a tile of the grid of all pairs."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    block: int
    left: tuple[int, ...]
    """Blocks of its left items."""
    right: tuple[int, ...]
    n_pairs: int


class MatchPlan(BaseModel):
    """Blocks of the stages after match, created once: the first start of match decides."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    item_blocks: tuple[ItemBlock, ...]
    pair_blocks: tuple[PairBlock, ...]
    pairs_per_block: int
    margins: str
    """Name of the table of failed queries: their correct and wrong pairs, items and block."""
    opaque_blocks: tuple[OpaqueBlock, ...] = ()
    """Blocks of the stage fit-opaque."""
    sweep_tiles: tuple[SweepTile, ...] = ()
    """Blocks of the stage sweep; none unless every pair is asked for."""
    matches: str | None = None
    """Name of the table of all matching pairs, by item ids; None where no stage needs it."""


@lru_cache(maxsize=8)
def _read(root: str, run_id: str) -> MatchPlan:
    return read_plan_file(open_run_plan(root, run_id).storage, run_id, BLOCKS, MatchPlan)[0]


def match_plan(run: OpenRun) -> MatchPlan:
    """Read the blocks that match has fixed, once a process."""
    return _read(run.root, run.run_id)


@lru_cache(maxsize=8)
def _places(root: str, run_id: str) -> Mapping[str, int]:
    return {name: one.block for one in _read(root, run_id).item_blocks for name in one.item_ids}


def item_blocks_of(run: OpenRun, item_ids: Iterable[str]) -> list[int]:
    """Find the blocks of some items that later stages read; the index is made once a process.

    Parameters
    ----------
    run
        Run whose match is committed.
    item_ids
        Items of its pairs.

    Returns
    -------
    list of int
        Block numbers in order, each once.
    """
    places = _places(run.root, run.run_id)
    return sorted({places[name] for name in item_ids})


def forget_plans() -> None:
    """Clear the cached plans of this process: `tasks.runs.repair` has dropped one."""
    for known in (open_run_plan, _read, _places):
        known.cache_clear()
    forget_checks()


def fix_match_plan(run: OpenRun, plan: MatchPlan) -> MatchPlan:
    """Write the blocks create-only.

    Parameters
    ----------
    run
        Run that is being matched.
    plan
        Blocks that this start has computed.

    Returns
    -------
    MatchPlan
        Blocks that hold: these, or those of an earlier start.
    """
    create_plan_file(run.storage, run.run_id, BLOCKS, plan)
    return match_plan(run)


def write_named_table(
    storage: Storage, run_id: str, name: str, table: pa.Table, row_group: int | None = None
) -> str:
    """Write a table of a plan under a name with its digest, so that two writers cannot mix theirs.

    Parameters
    ----------
    storage, run_id
        Output, and id of the run in it.
    name
        Beginning of the file's name.
    table
        Rows; sorted by a column, they allow reading one of its values by row groups.
    row_group
        Rows a group; None leaves it to Parquet.

    Returns
    -------
    str
        Name of the file, which the plan stores.
    """
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", row_group_size=row_group)
    data = sink.getvalue()
    named = f"{name}-{hashlib.sha256(data).hexdigest()[:12]}.parquet"
    storage.write(plan_key(run_id, named), data)
    return named
