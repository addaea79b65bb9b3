"""Rows of measured values and curves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import pyarrow as pa

from ilime_core.faithfulness.measurement import Control, Measurement
from ilime_core.faithfulness.registry import reported
from tasks.stages.measure.plan import MeasurePlan
from tasks.tables import TABLES

__all__ = ["Measured", "curve_table", "value_table"]


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """Values and curves of one pair under one estimator and baseline."""

    pair_id: str
    estimator: str
    baseline: str
    measurement: Measurement


def value_table(plan: MeasurePlan, rows: Sequence[Measured]) -> pa.Table:
    """Rows of ``faithfulness``.

    Parameters
    ----------
    plan
        Plan of the measurement.
    rows
        Measured pairs.

    Returns
    -------
    pa.Table
        One row per value.
    """
    return pa.Table.from_pylist(
        [
            {
                **_identity(plan, row),
                **{one.name: getattr(value, one.name) for one in fields(value)},
                "direction": reported(value.metric).direction,
            }
            for row in rows
            for value in row.measurement.values
        ],
        schema=TABLES["faithfulness"].schema,
    )


def curve_table(plan: MeasurePlan, rows: Sequence[Measured]) -> pa.Table:
    """Rows of ``curves``; random ones are equal for all estimators: a pair's first estimator has them.

    Parameters
    ----------
    plan
        Plan of the measurement.
    rows
        Measured pairs.

    Returns
    -------
    pa.Table
        One row per curve.
    """
    first: dict[str, str] = {}
    for row in rows:
        first.setdefault(row.pair_id, row.estimator)
    return pa.Table.from_pylist(
        [
            {
                **_identity(plan, row),
                "metric": curve.metric,
                "mode": curve.mode,
                "side": curve.side,
                "control": curve.control,
                "random_order": curve.order,
                "x": curve.x,
                "area": curve.area,
                "y": curve.y,
            }
            for row in rows
            for curve in row.measurement.curves
            if curve.control is not Control.RANDOM or row.estimator == first[row.pair_id]
        ],
        schema=TABLES["curves"].schema,
    )


def _identity(plan: MeasurePlan, row: Measured) -> dict[str, object]:
    return {
        "pair_id": row.pair_id,
        "estimator": row.estimator,
        "baseline": row.baseline,
        "measure_id": plan.measure_id,
    }
