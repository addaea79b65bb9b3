"""The leaderboard of a measurement, read from its tables."""

from collections.abc import Iterator, Mapping

import pyarrow.compute as pc

from ilime_core.errors import InputError
from tasks.figures.curve_pictures import fitted_baseline
from tasks.figures.pair_picture import primary_estimator
from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.published import published_lines
from tasks.report.leaderboard.records import (
    ALL,
    MEASURED,
    Leaderboard,
    MeasurementSummary,
    widest_first,
)
from tasks.report.leaderboard.text import board_lines
from tasks.report.leaderboard.verdicts import BoardEstimate
from tasks.runs.run import Run
from tasks.runs.sides import side_words

__all__ = ["leaderboard_lines", "measurements", "read_leaderboard"]

_WHOLE = pc.field("slice") == ALL
"""Rows of all pairs; those of slices are read in the table alone."""


def measurements(run: Run) -> tuple[MeasurementSummary, ...]:
    """Measurements that have a leaderboard, the most comprehensive one first."""
    rows = run.table("leaderboard", MEASURED, (pc.field("metric") != "cost") & _WHOLE)
    return widest_first(rows)


def read_leaderboard(run: Run, measure_id: str | None = None) -> Leaderboard:
    """Read one measurement.

    Parameters
    ----------
    run
        Stored run.
    measure_id
        Id of the measurement; None for the one with most metrics of most methods.

    Returns
    -------
    Leaderboard
        All methods, metrics and differences of the measurement.

    Raises
    ------
    InputError
        If the run has no leaderboard, or none of this measurement.
    """
    known = measurements(run)
    if not known:
        raise InputError(f"run {run.run_id} has no leaderboard; ilime measure makes one")
    chosen = known[0].measure_id if measure_id is None else measure_id
    if chosen not in {one.measure_id for one in known}:
        held = ", ".join(one.measure_id for one in known)
        raise InputError(f"run {run.run_id} has no leaderboard of measurement {chosen!r}; it holds {held}")
    rows = run.table("leaderboard", filter=(pc.field("measure_id") == chosen) & _WHOLE).to_pylist()
    versus = run.table("method_differences", filter=pc.field("measure_id") == chosen).to_pylist()
    entries = {(one.estimator, one.relation, one.variant): one for one in _entries(rows)}
    explained = run.table("fits", ["pair_id"], pc.field("estimator") == primary_estimator(run))
    return Leaderboard(
        run_id=run.run_id,
        measure_id=chosen,
        others=tuple(one for one in known if one.measure_id != chosen),
        baseline=fitted_baseline(run),
        estimators=_in_order(run, {estimator for estimator, _, _ in entries}),
        relations=tuple(sorted({relation for _, relation, _ in entries} - {ALL})),
        entries=entries,
        differences=_differences(versus),
        sides=side_words(run),
        n_explained=explained.num_rows,
        n_comparisons=sum(row["p_adjusted"] is not None for row in rows),
        n_questions=len({_question(row) for row in versus if row["p_adjusted"] is not None}),
    )


def leaderboard_lines(run: Run, measure_id: str | None = None) -> list[str]:
    """Lines of methods by headline metrics as aligned text.

    Parameters
    ----------
    run
        Stored run.
    measure_id
        As of `read_leaderboard`; a measurement whose pairs all failed has no leaderboard.

    Returns
    -------
    list of str
        Lines; none where nothing was measured.
    """
    known = [one.measure_id for one in measurements(run)]
    has_rows = bool(known) if measure_id is None else measure_id in known
    if not has_rows:
        return []
    board = read_leaderboard(run, measure_id)
    return [*board_lines(board), *published_lines(run, board)]


def _entries(rows: list[dict[str, object]]) -> Iterator[BoardEntry]:
    groups: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in rows:
        groups.setdefault(tuple(str(row[name]) for name in _KEY), []).append(row)
    for (estimator, relation, *variant), own in groups.items():
        yield BoardEntry(
            estimator,
            relation,
            Variant(*variant),
            direction=str(own[0]["direction"]),
            controls={str(row["control"]): _estimate(row) for row in own if row["versus"] == "none"},
            gains={str(row["versus"]): _estimate(row) for row in own if row["versus"] != "none"},
        )


_VARIANT = ("metric", "mode", "side", "baseline", "axis", "scale")
_KEY = ("estimator", "relation", *_VARIANT)


def _differences(
    rows: list[dict[str, object]],
) -> dict[tuple[str, Variant], dict[tuple[str, str], BoardEstimate]]:
    found: dict[tuple[str, Variant], dict[tuple[str, str], BoardEstimate]] = {}
    for row in rows:
        found.setdefault(_question(row), {})[str(row["estimator"]), str(row["rival"])] = _estimate(
            row | {"null_value": 0.0}
        )
    return found


def _question(row: Mapping[str, object]) -> tuple[str, Variant]:
    return str(row["relation"]), Variant(*(str(row[name]) for name in _VARIANT))


def _estimate(row: Mapping[str, object]) -> BoardEstimate:
    n_left, n_right = row["n_left"], row["n_right"]
    counted = isinstance(n_left, int) and isinstance(n_right, int)
    return BoardEstimate(
        mean=row["mean"],  # type: ignore[arg-type]
        median=row["median"],  # type: ignore[arg-type]
        low=row["low"],  # type: ignore[arg-type]
        high=row["high"],  # type: ignore[arg-type]
        n=row["n"] or 0,  # type: ignore[arg-type]
        n_unknown=row["n_unknown"] or 0,  # type: ignore[arg-type]
        n_clusters=min(n_left, n_right) if counted else None,  # type: ignore[type-var]
        null=row["null_value"],  # type: ignore[arg-type]
        p_adjusted=row["p_adjusted"],  # type: ignore[arg-type]
        smallest_difference=row.get("smallest_difference"),  # type: ignore[arg-type]
    )


def _in_order(run: Run, measured: set[str]) -> tuple[str, ...]:
    """As the spec names them."""
    parameters = run.plan.get("parameters")
    named = parameters.get("estimators") if isinstance(parameters, Mapping) else None
    order = [str(name) for name in named or ()]
    return tuple(
        sorted(measured, key=lambda name: (order.index(name) if name in order else len(order), name))
    )
