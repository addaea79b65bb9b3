"""Verdicts, margins, curves and selections of pairs: few have the last three, so tables are read once."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from jaxtyping import Float

from ilime_core.viewer.packing import pack_reals
from ilime_core.viewer.records import CurveRecord, MarginRecord, SelectionRecord
from tasks.figures.curve_pictures import read_curve_pictures
from tasks.query.database import Database
from tasks.runs.run import Run

__all__ = [
    "MARGINS",
    "PairDetails",
    "curve_records",
    "margin_records",
    "pair_details",
    "selection_records",
    "verdict_counts",
]

MARGINS = 4
"""Margins that a pair shows."""

_PARTS = ("query", "correct", "wrong")
_REASONS = ("error", "contrast", "listed")
_KEY = ("query_id", "direction", "reason", "number", "part_of")
_EFFECTS = ("item_id", "segment", "effect", "standard_error")
Row = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class PairDetails:
    """What few pairs have, and verdicts, each by pair id."""

    verdicts: Mapping[str, tuple[str, list[str]]] = field(default_factory=dict)
    margins: Mapping[str, list[MarginRecord]] = field(default_factory=dict)
    curves: Mapping[str, list[CurveRecord]] = field(default_factory=dict)
    selections: Mapping[str, list[SelectionRecord]] = field(default_factory=dict)


def pair_details(run: Run, estimator: str) -> PairDetails:
    """Read what is known of pairs beside their fits.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose rows are read.

    Returns
    -------
    PairDetails
        Without verdicts of a run that is not finished, which no view reads.
    """
    return PairDetails(
        _verdicts(run),
        margin_records(run, estimator),
        curve_records(run, estimator),
        selection_records(run),
    )


def _verdicts(run: Run) -> dict[str, tuple[str, list[str]]]:
    """Verdicts of the view ``trust``, with their reasons."""
    if not run.finished:
        return {}
    with Database(run) as database:
        found = database.query("SELECT pair_id, verdict, reasons FROM trust")
        return {
            row["pair_id"]: (row["verdict"], [one for one in row["reasons"].split("; ") if one])
            for batch in found
            for row in batch.to_pylist()
        }


def verdict_counts(run: Run) -> list[tuple[str, str, int]]:
    """Pairs of each verdict and its reasons, the most frequent first.

    Parameters
    ----------
    run
        Stored run.

    Returns
    -------
    list of tuple
        Verdict, reasons, and number of pairs; empty of a run that is not finished.
    """
    if not run.finished:
        return []
    sql = "SELECT verdict, reasons, count(*) AS n FROM trust GROUP BY ALL ORDER BY n DESC, verdict, reasons"
    with Database(run) as database:
        rows = [row for batch in database.query(sql) for row in batch.to_pylist()]
    return [(row["verdict"], row["reasons"], row["n"]) for row in rows]


def margin_records(run: Run, estimator: str) -> dict[str, list[MarginRecord]]:
    """Margins by pair: those in which it is the correct or the wrong candidate.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose rows are read.

    Returns
    -------
    dict of str to list of MarginRecord
        At most `MARGINS` a pair, those of failed queries first.
    """
    mine = pc.field("estimator") == estimator
    margins = run.table("margins", filter=mine).to_pylist()
    if not margins:
        return {}
    effects = _margin_parts(run.table("margin_effects", [*_KEY, *_EFFECTS], mine))
    margins.sort(key=lambda row: (_REASONS.index(row["reason"]), *map(str, _key(row))))
    found: defaultdict[str, list[MarginRecord]] = defaultdict(list)
    shown: set[tuple[str, str, str]] = set()
    for row in margins:
        record = _margin(row, {part: effects.get((*_key(row), part)) for part in _PARTS})
        candidates = row["direction"], row["correct_pair_id"], row["wrong_pair_id"]
        if record is None or candidates in shown:  # one comparison for several reasons is shown once
            continue
        shown.add(candidates)
        for pair_id in dict.fromkeys(candidates[1:]):
            if len(found[pair_id]) < MARGINS:
                found[pair_id].append(record)
    return dict(found)


def _key(row: Row) -> tuple[object, ...]:
    return tuple(row[name] for name in _KEY[:-1])


@dataclass(frozen=True, slots=True, eq=False)
class _MarginPart:
    """Effects of one item of a margin, in the order of its segments."""

    item_id: str
    effect: Float[np.ndarray, " segments"]
    standard_error: Float[np.ndarray, " segments"]


def _margin_parts(table: pa.Table) -> dict[tuple[object, ...], _MarginPart]:
    """Rows of each margin and item, as slices of sorted columns: a benchmark may have millions of rows."""
    if not table.num_rows:
        return {}
    table = table.sort_by([(name, "ascending") for name in (*_KEY, "segment")]).combine_chunks()
    codes = [table[name].combine_chunks().dictionary_encode().indices.to_numpy() for name in _KEY]
    changed = np.any([code[1:] != code[:-1] for code in codes], axis=0)
    starts = np.flatnonzero(np.append(True, changed))
    first = table.select([*_KEY, "item_id"]).take(pa.array(starts)).to_pylist()
    effects, errors = (table[name].to_numpy().astype(np.float64) for name in ("effect", "standard_error"))
    return {
        tuple(row[name] for name in _KEY): _MarginPart(
            row["item_id"], effects[start:stop], errors[start:stop]
        )
        for row, (start, stop) in zip(first, pairwise([*starts, len(effects)]), strict=True)
    }


def _margin(row: Row, parts: Mapping[str, _MarginPart | None]) -> MarginRecord | None:
    known = {part: own for part, own in parts.items() if own is not None}
    if len(known) < len(parts):
        return None
    items = {part: own.item_id for part, own in known.items()}
    values = {
        name: {part: pack_reals(getattr(own, name)) for part, own in known.items()}
        for name in ("effect", "standard_error")
    }
    return MarginRecord(
        reason=str(row["reason"]),
        direction=str(row["direction"]),
        margin=float(row["margin"]),  # type: ignore[arg-type]
        query=items["query"],
        correct=items["correct"],
        wrong=items["wrong"],
        correct_pair=str(row["correct_pair_id"]),
        wrong_pair=str(row["wrong_pair_id"]),
        effects=values["effect"],
        errors=values["standard_error"],
        remainders={name: row[f"{name}_remainder"] for name in ("query", "candidates")},  # type: ignore[misc]
        exceeds={name: bool(row[f"{name}_remainder_exceeds"]) for name in ("query", "candidates")},
    )


def curve_records(run: Run, estimator: str) -> dict[str, list[CurveRecord]]:
    """Curves of measured pairs by pair, those of random orders last.

    Parameters
    ----------
    run
        Stored run.
    estimator
        Estimator whose rows are read.

    Returns
    -------
    dict of str to list of CurveRecord
        None where nothing was measured.
    """
    measured = sorted(set(run.table("curves", ["pair_id"])["pair_id"].to_pylist()))
    if not measured:
        return {}
    return {
        pair_id: [
            {
                "metric": one.metric,
                "mode": one.mode,
                "side": one.side,
                "control": one.control,
                "x": pack_reals(one.x.astype(np.float64)),
                "y": pack_reals(one.y.astype(np.float64)),
            }
            for one in curves
        ]
        for pair_id, curves in read_curve_pictures(run, measured, estimator).items()
    }


def selection_records(run: Run) -> dict[str, list[SelectionRecord]]:
    """Orders and sets that searches chose, by pair."""
    columns = ["pair_id", "selection_id", "method", "side", "step", "segment", "score", "reason"]
    rows = run.table("selections", columns).to_pylist()
    groups: defaultdict[tuple[str, str, str, str], list[dict[str, object]]] = defaultdict(list)
    for row in sorted(rows, key=lambda one: [one[name] for name in columns[:5]]):
        groups[row["pair_id"], row["selection_id"], row["method"], row["side"]].append(row)
    found: defaultdict[str, list[SelectionRecord]] = defaultdict(list)
    for (pair_id, _, method, side), steps in groups.items():
        scores = np.array([np.nan if step["score"] is None else step["score"] for step in steps], np.float64)
        found[pair_id].append(
            {
                "method": method,
                "side": side,
                "segments": [int(step["segment"]) for step in steps if step["segment"] is not None],  # type: ignore[call-overload]
                "scores": pack_reals(scores),
                "reason": next((str(step["reason"]) for step in steps if step["reason"]), None),
            }
        )
    return dict(found)
