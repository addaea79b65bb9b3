"""Margins between two candidates over the segments of query, correct and wrong candidate."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow.compute as pc
from jaxtyping import Float

from tasks.figures.item_pictures import ItemPicture
from tasks.runs.run import Run
from tasks.tables.row_filters import among

__all__ = ["EffectPicture", "MarginPicture", "MarginRow", "Remainders", "read_margins"]


PARTS = ("query", "correct", "wrong")
"""Items of a margin."""


@dataclass(frozen=True, slots=True, eq=False)
class EffectPicture:
    """An item with one effect per segment."""

    item: ItemPicture
    effects: Float[np.ndarray, " segments"]


@dataclass(frozen=True, slots=True)
class Remainders:
    """Parts of a margin that its segments do not account for; None where they are not known."""

    query: float | None
    candidates: float | None


@dataclass(frozen=True, slots=True, eq=False)
class MarginPicture:
    """Correct minus wrong: negative effects are those that the wrong candidate won with."""

    direction: str
    margin: float
    query: EffectPicture
    correct: EffectPicture
    wrong: EffectPicture
    remainders: Remainders


@dataclass(frozen=True, slots=True, eq=False)
class MarginRow:
    """A margin with the ids of its three items (query, correct, wrong)."""

    direction: str
    margin: float
    item_ids: tuple[str, str, str]
    effects: tuple[np.ndarray, np.ndarray, np.ndarray]
    remainders: Remainders

    def picture(self, items: Mapping[str, ItemPicture]) -> MarginPicture | None:
        """With its items; None if one of them is not known."""
        if not all(name in items for name in self.item_ids):
            return None
        sides = [
            EffectPicture(items[name], effects[: items[name].n_segments])
            for name, effects in zip(self.item_ids, self.effects, strict=True)
        ]
        return MarginPicture(self.direction, self.margin, sides[0], sides[1], sides[2], self.remainders)


def read_margins(run: Run, pair_ids: Sequence[str], estimator: str) -> dict[str, list[MarginRow]]:
    """Read margins by pair: for each pair those in which it is the correct or the wrong candidate.

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
    dict of str to list of MarginRow
        Margins by pair id; pairs without one are absent.
    """
    ids = list(pair_ids)
    mine = among("correct_pair_id", ids) | among("wrong_pair_id", ids)
    margins = run.table("margins", filter=mine & (pc.field("estimator") == estimator)).to_pylist()
    if not margins:
        return {}
    queries = among("query_id", [row["query_id"] for row in margins])
    rows = run.table("margin_effects", filter=queries & (pc.field("estimator") == estimator))
    effects: dict[tuple[object, ...], list[tuple[int, float]]] = {}
    for row in rows.to_pylist():
        key = (*_rivals(row), row["part_of"])
        effects.setdefault(key, []).append((row["segment"], row["effect"]))
    both = [row[name] for row in margins for name in ("correct_pair_id", "wrong_pair_id")]
    columns = ["pair_id", "left_id", "right_id"]
    pairs = run.table("pairs", columns, among("pair_id", both)).to_pylist()
    sides = {row["pair_id"]: (row["left_id"], row["right_id"]) for row in pairs}
    found: dict[str, list[MarginRow]] = {}
    for row in _each_once(margins):
        candidate = 1 if row["direction"] == "left_to_right" else 0
        correct, wrong = (sides.get(row[f"{which}_pair_id"]) for which in PARTS[1:])
        values = [
            np.array([effect for _, effect in sorted(effects.get((*_rivals(row), part), []))])
            for part in PARTS
        ]
        if correct is None or wrong is None or not all(len(part) for part in values):
            continue
        one = MarginRow(
            row["direction"],
            row["margin"],
            (row["query_id"], correct[candidate], wrong[candidate]),
            (values[0], values[1], values[2]),
            Remainders(row["query_remainder"], row["candidates_remainder"]),
        )
        for pair in {row["correct_pair_id"], row["wrong_pair_id"]} & set(ids):
            found.setdefault(pair, []).append(one)
    return found


def _rivals(row: Mapping[str, object]) -> tuple[object, ...]:
    return tuple(row[name] for name in ("query_id", "direction", "reason", "number"))


def _each_once(margins: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Two candidates that are compared for several reasons are one margin; failed queries come first."""
    order = ("error", "contrast", "listed")
    in_order = sorted(
        margins,
        key=lambda one: (order.index(one["reason"]), one["direction"], one["query_id"], one["number"]),
    )
    first: dict[tuple[str, str, str], dict[str, Any]] = {}
    for one in in_order:
        first.setdefault((one["direction"], one["correct_pair_id"], one["wrong_pair_id"]), one)
    return list(first.values())
