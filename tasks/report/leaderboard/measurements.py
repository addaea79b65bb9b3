"""Summaries of a run's measurements, the most comprehensive one first."""

from dataclasses import dataclass

import pyarrow as pa

__all__ = ["MEASURED", "MeasurementSummary", "widest_first"]

MEASURED = ("measure_id", "metric", "estimator")
"""Columns that the extent of a measurement is counted from."""


@dataclass(frozen=True, slots=True)
class MeasurementSummary:
    """Extent of one measurement."""

    measure_id: str
    n_metrics: int
    n_estimators: int
    n_values: int
    """Distinct pairs of metric and estimator."""


def widest_first(rows: pa.Table) -> tuple[MeasurementSummary, ...]:
    """Measurements, that with the most metrics of estimators first; equal ones the last by id first.

    Ids are digests, and tables do not say when they were measured: more metrics for more methods are what a
    reader would miss.

    Parameters
    ----------
    rows
        At least the columns of `MEASURED`; repetitions count once.
    """
    known: dict[str, set[tuple[str, str]]] = {}
    for row in rows.group_by(list(MEASURED)).aggregate([]).to_pylist():
        known.setdefault(row["measure_id"], set()).add((row["metric"], row["estimator"]))
    found = [
        MeasurementSummary(
            measure_id,
            n_metrics=len({metric for metric, _ in said}),
            n_estimators=len({estimator for _, estimator in said}),
            n_values=len(said),
        )
        for measure_id, said in known.items()
    ]
    return tuple(sorted(found, key=lambda one: (one.n_values, one.measure_id), reverse=True))
