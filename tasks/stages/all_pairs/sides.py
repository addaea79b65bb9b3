"""Effects of the items of one side, by their position in it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import torch
from jaxtyping import Int64

from ilime_core.all_pairs import PairRelations, PairSlices, RaggedEffects
from tasks.run_files.committed import read_rows
from tasks.run_files.match_plan import match_plan
from tasks.run_files.plan import OpenRun
from tasks.stages.match.all_pairs import read_matching_pairs
from tasks.stages.pair_tags import item_tags
from tasks.stages.score.effect_tables import item_effects

__all__ = ["SIDES", "SidePlaces", "pair_relations", "read_ragged", "side_places", "slices_of_all"]

Side = Literal["left", "right"]
SIDES: tuple[Side, Side] = ("left", "right")


@dataclass(frozen=True, slots=True, eq=False)
class SidePlaces:
    """Items of one side in the order of their blocks; a position is a place in it."""

    item_ids: tuple[str, ...]
    position: Mapping[str, int]

    def positions(self, ids: pa.ChunkedArray) -> Int64[np.ndarray, " rows"]:
        """Position of each item; -1 of items of no block, which have failed."""
        return np.array([self.position.get(name, -1) for name in ids.to_pylist()], dtype=np.int64)


def side_places(run: OpenRun, side: Side) -> SidePlaces:
    """Number the items of a side.

    Parameters
    ----------
    run
        Opened plan of a run whose match is committed.
    side
        ``left`` or ``right``.

    Returns
    -------
    SidePlaces
        The same in every process.
    """
    ids = tuple(
        name for block in match_plan(run).item_blocks if side in block.sides for name in block.item_ids
    )
    return SidePlaces(ids, {name: place for place, name in enumerate(ids)})


def pair_relations(run: OpenRun, left: SidePlaces, right: SidePlaces) -> PairRelations:
    """Which pairs match, and which are an item with itself.

    Parameters
    ----------
    run
        Opened plan of the run.
    left, right
        Positions of both sides.

    Returns
    -------
    PairRelations
        By position.
    """
    matches = read_matching_pairs(run)
    found = np.column_stack([left.positions(matches["left_id"]), right.positions(matches["right_id"])])
    itself = [(left.position[name], right.position[name]) for name in left.position.keys() & right.position]
    return PairRelations(found[(found >= 0).all(axis=1)], np.array(itself, dtype=np.int64).reshape(-1, 2))


def slices_of_all(run: OpenRun, left: SidePlaces, right: SidePlaces) -> PairSlices:
    """Slices of all pairs by the tags of their items, as many of a tag as the spec allows.

    Parameters
    ----------
    run
        Opened plan of the run.
    left, right
        Positions of both sides.

    Returns
    -------
    PairSlices
        By position; the same in every process.
    """
    tags = item_tags(run)
    own, other = ([tags.get(name, {}) for name in side.item_ids] for side in (left, right))
    return PairSlices.of(own, other, run.plan.parameters.summary.slice_values)


def read_ragged(run: OpenRun, blocks: Iterable[int], places: SidePlaces) -> RaggedEffects | None:
    """Effects of the items of some blocks under the first estimator.

    Parameters
    ----------
    run
        Opened plan of the run.
    blocks
        Item blocks of the side.
    places
        Positions of the side.

    Returns
    -------
    RaggedEffects or None
        On the CPU, items without effects left out; None where no item has any.
    """
    rows = read_rows(
        run.storage,
        run.commits("score", blocks),
        "effects",
        ["item_id", "segment", "effect"],
        pc.field("estimator") == run.plan.parameters.estimators[0],
    )
    effects = item_effects(rows)
    if not effects.item_ids:
        return None
    sizes = np.diff(np.append(effects.first, len(effects.rows))).astype(np.int64)
    positions = np.array([places.position[name] for name in effects.item_ids], dtype=np.int64)
    return RaggedEffects(effects.rows.to(torch.float32), sizes, positions)
