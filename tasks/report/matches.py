"""The strongest cells of W by name, of a picture, or from tables without opening a photograph."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.figures.item_pictures import ImagePicture, Segment, Word, read_segments
from tasks.figures.joint_share import known
from tasks.figures.pair_picture import PairPicture
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["Match", "picture_matches", "read_matches"]


@dataclass(frozen=True, slots=True)
class Match:
    """One cell of W with the names of its row and column."""

    pair_id: str
    region: int
    """Number of the left segment."""
    left: Segment
    word: str
    """The word on the right, or the other image's region by its number and place."""
    weight: float
    standard_error: float | None
    p_value: float | None
    """Two-sided, of a true weight of 0, of this cell by itself; None where there is none."""


def picture_matches(pair: PairPicture, most: int) -> list[Match]:
    """Cells of a pair that has been read, those of largest absolute weight first.

    Parameters
    ----------
    pair
        The pair.
    most
        Largest number of cells.

    Returns
    -------
    list of Match
        The cells.
    """
    left, right = (
        one.places if isinstance(one, ImagePicture) else one.words for one in (pair.left, pair.right)
    )
    places = np.argsort(-np.abs(pair.weights), axis=None, kind="stable")[:most]
    values = zip(
        *(of.ravel()[places].tolist() for of in (pair.weights, pair.errors, pair.p_values)), strict=True
    )
    cells = zip(*(of.tolist() for of in np.unravel_index(places, pair.weights.shape)), strict=True)
    return [
        Match(pair.pair_id, i, left[i], _name(right[j], j), weight, known(error), known(p_value))
        for (i, j), (weight, error, p_value) in zip(cells, values, strict=True)
    ]


def read_matches(run: Run, pair_ids: Sequence[str], estimator: str) -> dict[str, list[Match]]:
    """Read all cells of pairs, those of largest absolute weight first.

    Parameters
    ----------
    run
        Stored run.
    pair_ids
        Pairs to read.
    estimator
        Name of the estimator whose rows are read.

    Returns
    -------
    dict of str to list of Match
        Cells by pair id.
    """
    mine = among("pair_id", list(pair_ids))
    pairs = run.table("pairs", ["pair_id", "left_id", "right_id"], mine).to_pylist()
    lefts, rights = ({row["pair_id"]: row[f"{side}_id"] for row in pairs} for side in ("left", "right"))
    ids = among("item_id", sorted({*lefts.values(), *rights.values()}))
    views = run.table("views", ["item_id", "original_width", "original_height"], ids).to_pylist()
    segments = read_segments(run, {row["item_id"]: row for row in views})
    cells = run.table("interactions", _CELL, mine & (pc.field("estimator") == estimator))
    found: dict[str, list[Match]] = {}
    for row in _by_weight(cells).to_pylist():
        pair, i, j, *values = (row[name] for name in _CELL)
        if lefts.get(pair) in segments and rights.get(pair) in segments:
            left, right = segments[lefts[pair]][i], segments[rights[pair]][j]
            found.setdefault(pair, []).append(Match(pair, i, left, _name(right, j), *values))
    return found


_CELL = ["pair_id", "left_segment", "right_segment", "weight", "standard_error", "p_value"]


def _name(segment: Segment, number: int) -> str:
    return segment.text if isinstance(segment, Word) else f"segment {number} ({segment.name})"


def _by_weight(cells: pa.Table) -> pa.Table:
    order = [("size", "descending"), ("left_segment", "ascending"), ("right_segment", "ascending")]
    return cells.append_column("size", pa.array(np.abs(cells["weight"].to_numpy()))).sort_by(order)
