"""The strongest cells of W by name, read from tables without opening a photograph."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.figures.places import place_name
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["Match", "RegionPlace", "read_matches"]


@dataclass(frozen=True, slots=True)
class RegionPlace:
    """Position and size of a region."""

    name: str
    """Ninth of the photograph that the middle of the region's box lies in."""
    box: tuple[int, int, int, int]
    """x, y, width and height in pixels of the upright original."""
    share: float
    """Share of the model's view."""


@dataclass(frozen=True, slots=True)
class Match:
    """One cell of W with the names of its row and column."""

    pair_id: str
    region: int
    """Number of the left segment."""
    word: str
    """The word on the right, or the other image's region by its number and place."""
    weight: float
    standard_error: float | None
    p_value: float | None
    """Two-sided, of a true weight of 0, of this cell by itself; None where there is none."""
    left_word: str
    """The word of the left text; empty where it is an image."""
    place: "RegionPlace | None"
    """Position of the left image's region; None for a text."""

    @property
    def z(self) -> float | None:
        """Weight in units of its standard error; None where there is none or it is 0."""
        return abs(self.weight) / self.standard_error if self.standard_error else None


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
    regions = _segments(run, set(lefts.values()), [*_BOX, "share"])
    sizes = _sizes(run, {*lefts.values(), *rights.values()})
    words = _words(run, {*lefts.values(), *rights.values()}, sizes)
    cells = run.table("interactions", _CELL, mine & (pc.field("estimator") == estimator))
    found: dict[str, list[Match]] = {}
    for row in _by_weight(cells).to_pylist():
        pair, left = row["pair_id"], lefts.get(row["pair_id"])
        region = regions.get((left, row["left_segment"])) if left in sizes else None
        word = words.get((rights[pair], row["right_segment"]))
        left_word = words.get((left, row["left_segment"]))
        if left_word is None or word is None:
            continue
        match = Match(
            pair_id=pair,
            region=row["left_segment"],
            word=word,
            weight=row["weight"],
            standard_error=row["standard_error"],
            p_value=row["p_value"],
            left_word="" if region else left_word,
            place=_region_place(region, sizes[left]) if region else None,
        )
        found.setdefault(pair, []).append(match)
    return found


_BOX = ("bbox_x", "bbox_y", "bbox_width", "bbox_height")
_CELL = ["pair_id", "left_segment", "right_segment", "weight", "standard_error", "p_value"]
Key = tuple[str | None, int]
Box = tuple[int, int, int, int]


def _box(segment: dict[str, object]) -> Box:
    x, y, width, height = (int(segment[name]) for name in _BOX)  # type: ignore[call-overload]
    return x, y, width, height


def _region_place(region: dict[str, object], size: tuple[int, int]) -> RegionPlace:
    box = _box(region)
    return RegionPlace(_place(box, size), box, float(region["share"]))  # type: ignore[arg-type]


def _place(box: Box, size: tuple[int, int]) -> str:
    x, y, width, height = box
    return place_name((x + width / 2) / size[0], (y + height / 2) / size[1])


def _words(run: Run, item_ids: set[str], sizes: dict[str | None, tuple[int, int]]) -> dict[Key, str]:
    """Names of segments: words of a text, or numbers and places of an image's regions."""
    words = {key: str(row["text"]) for key, row in _segments(run, item_ids, ["text"]).items()}
    for key, row in _segments(run, item_ids, list(_BOX)).items():
        if key[0] in sizes:
            words[key] = f"segment {key[1]} ({_place(_box(row), sizes[key[0]])})"
    return words


def _segments(run: Run, item_ids: set[str], columns: list[str]) -> dict[Key, dict[str, object]]:
    mine = among("item_id", sorted(item_ids))
    rows = run.table("segments", ["item_id", "segment", *columns], mine).to_pylist()
    return {(row["item_id"], row["segment"]): row for row in rows if row[columns[0]] is not None}


def _sizes(run: Run, item_ids: set[str]) -> dict[str | None, tuple[int, int]]:
    mine = among("item_id", sorted(item_ids))
    rows = run.table("views", ["item_id", "original_width", "original_height"], mine).to_pylist()
    return {
        row["item_id"]: (row["original_width"], row["original_height"])
        for row in rows
        if row["original_width"] is not None
    }


def _by_weight(cells: pa.Table) -> pa.Table:
    order = [("size", "descending"), ("left_segment", "ascending"), ("right_segment", "ascending")]
    return cells.append_column("size", pa.array(np.abs(cells["weight"].to_numpy()))).sort_by(order)
