"""Explained pairs as records of the viewer, and as rows of the gallery."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from ilime_core.interactions.significance import LEVEL
from ilime_core.viewer.building import factor_record, fit_record
from ilime_core.viewer.packing import pack_reals
from ilime_core.viewer.records import FactorRecord, PairRecord
from tasks.explorer.data_files import code_column, flag_column, integer_column, real_column, text_column
from tasks.explorer.pair_details import PairDetails
from tasks.explorer.pair_tables import FittedRows, PairRows, fitted_rows
from tasks.runs.run import Run

__all__ = ["GalleryRow", "gallery_columns", "pair_records"]

FACTORS = 6
"""Factors that a pair shows."""


@dataclass(frozen=True, slots=True)
class GalleryRow:
    """A pair as the gallery filters and sorts it; NaN and -1 where something is not known."""

    pair_id: str
    left_id: str
    right_id: str
    relation: str
    is_positive: bool
    is_error: bool
    score: float
    rank_of_right: int
    rank_of_left: int
    r2_cross: float
    share_cross: float
    share_certain: float
    verdict: str
    top_left: int
    """Segments of the strongest cell."""
    top_right: int
    top_weight: float
    top_sure: bool
    """True if the strongest cell differs from 0 after correction for the pair's cells."""
    mass: float
    """Sum of |W|."""
    margin: float
    """Margin of the failed query."""


def pair_records(
    run: Run,
    pairs: Mapping[str, Mapping[str, object]],
    estimator: str,
    details: PairDetails,
    pair_ids: Collection[str] | None = None,
) -> Iterator[tuple[PairRecord, GalleryRow]]:
    """Read explained pairs, block by block.

    Parameters
    ----------
    run
        Stored run.
    pairs
        Rows of the table ``pairs`` by id.
    estimator
        Estimator whose rows are read.
    details
        What is known of pairs beside their fits.
    pair_ids
        Pairs to read; None for all.

    Yields
    ------
    tuple of PairRecord and GalleryRow
        In the order of blocks and ids; pairs without W are left out.
    """
    for rows in fitted_rows(run, estimator, pair_ids):
        for fit in rows.fits:
            pair = pairs.get(str(fit["pair_id"]))
            if pair is not None and len(rows.interactions.of(str(fit["pair_id"]), "weight")):
                yield _record(pair, fit, rows, details)


def gallery_columns(
    rows: Sequence[GalleryRow], items: Mapping[str, int], names: Mapping[str, Sequence[str]]
) -> dict[str, object]:
    """Columns of the gallery.

    Parameters
    ----------
    rows
        Pairs.
    items
        Number of each item by its id.
    names
        Names of the segments of each item: words, or numbers and labels of regions.

    Returns
    -------
    dict of str
        JSON.
    """
    encoders = {float: real_column, int: integer_column, bool: flag_column}
    columns: dict[str, object] = {"n": len(rows), "pair_id": text_column(row.pair_id for row in rows)}
    for side in ("left", "right"):
        columns[side] = integer_column(
            np.array([items.get(getattr(row, f"{side}_id"), -1) for row in rows], int)
        )
    for name, kind in GalleryRow.__annotations__.items():
        values = [getattr(row, name) for row in rows]
        if kind in encoders:
            columns[name] = encoders[kind](np.array(values, kind))
        elif not name.endswith("_id"):
            columns[name] = code_column([value or None for value in values])
    for side in ("left", "right"):
        own = [(names.get(getattr(row, f"{side}_id"), ()), getattr(row, f"top_{side}")) for row in rows]
        columns[f"top_{side}_name"] = code_column([_at(segments, place) for segments, place in own])
    return columns


def _record(
    pair: Mapping[str, object], fit: Mapping[str, object], rows: FittedRows, details: PairDetails
) -> tuple[PairRecord, GalleryRow]:
    pair_id = str(pair["pair_id"])
    cells = rows.interactions
    weights, errors, p_values = (
        cells.of(pair_id, name).astype(np.float64) for name in ("weight", "standard_error", "p_value")
    )
    shape = int(cells.of(pair_id, "left_segment")[-1]) + 1, int(cells.of(pair_id, "right_segment")[-1]) + 1
    verdict, reasons = details.verdicts.get(pair_id, ("", []))
    margins = details.margins.get(pair_id, [])
    top = int(np.abs(weights).argmax())
    record: PairRecord = {
        "pair_id": pair_id,
        "left_id": str(pair["left_id"]),
        "right_id": str(pair["right_id"]),
        "estimator": str(fit["estimator"]),
        "relation": str(pair["relation"]),
        "is_positive": bool(pair["is_positive"]),
        "is_error": bool(pair["is_error"]),
        "score": float(pair["score"]),  # type: ignore[arg-type]
        "rank_of_right": pair["rank_left_to_right"],
        "rank_of_left": pair["rank_right_to_left"],
        "shape": list(shape),
        "weights": pack_reals(weights),
        "errors": pack_reals(errors),
        "p_values": pack_reals(p_values),
        "left_effects": pack_reals(rows.left_effects.of(pair_id, "intact_effect").astype(np.float64)),
        "right_effects": pack_reals(rows.right_effects.of(pair_id, "intact_effect").astype(np.float64)),
        "left_half_widths": pack_reals(_half_widths(rows.left_effects, pair_id)),
        "right_half_widths": pack_reals(_half_widths(rows.right_effects, pair_id)),
        "fit": fit_record(fit),
        "verdict": verdict,
        "reasons": reasons,
        "factors": _factors(rows.factors, pair_id),
        "margins": margins,
        "curves": details.curves.get(pair_id, []),
        "selections": details.selections.get(pair_id, []),
    }
    known = record["fit"]
    failed = [one["margin"] for one in margins if one["reason"] == "error"]
    row = GalleryRow(
        pair_id,
        record["left_id"],
        record["right_id"],
        record["relation"],
        record["is_positive"],
        record["is_error"],
        record["score"],
        -1 if record["rank_of_right"] is None else record["rank_of_right"],
        -1 if record["rank_of_left"] is None else record["rank_of_left"],
        _real(known["r2_cross"] if known["r2_cross"] is not None else known["r2_cross_held_out"]),
        _real(known["share_cross"]),
        _real(known["share_certain"]),
        verdict,
        top // shape[1],
        top % shape[1],
        float(weights[top]),
        bool(cells.of(pair_id, "p_adjusted")[top] < LEVEL),
        float(np.abs(weights).sum()),
        failed[0] if failed else np.nan,
    )
    return record, row


def _at(segments: Sequence[str], place: int) -> str | None:
    return segments[place] if place < len(segments) else None


def _half_widths(rows: PairRows, pair_id: str) -> Float[np.ndarray, " segments"]:
    return rows.of(pair_id, "intact_half_width").astype(np.float64)


def _factors(rows: PairRows, pair_id: str) -> list[FactorRecord]:
    own = rows.slices.get(pair_id, slice(0))
    return [
        factor_record(
            float(rows.columns["strength"][place]),
            float(rows.columns["energy"][place]),
            float(rows.columns["gap"][place]),
            *(rows.vectors[f"{side}_vector"][place].values.to_numpy() for side in ("left", "right")),
        )
        for place in range(own.start or 0, min(own.stop, (own.start or 0) + FACTORS))
    ]


def _real(value: float | None) -> float:
    return np.nan if value is None else value
