"""Values of a measurement by metric and method, with the items that their pairs share."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Float

from ilime_core.aggregates.clustered_mean import ClusteredMean

__all__ = ["ALL", "KINDS", "SCALES", "MetricValues", "RankedPair", "mean_columns", "metric_values"]

SCALES = {"raw": "value", "normalised": "normalised"}
"""Columns of ``faithfulness`` by the name of their scale."""

ALL = "all"
"""Pairs of every relation."""

KINDS = ("estimator", "metric", "mode", "side", "baseline", "axis")
"""Columns that name one metric of one estimator."""


@dataclass(frozen=True, slots=True)
class RankedPair:
    """A measured pair: its items, by which means are clustered, and its relation."""

    left_id: str
    right_id: str
    relation: str


@dataclass(frozen=True, slots=True, eq=False)
class MetricValues:
    """One metric of one estimator: a value for every control and pair."""

    kind: tuple[str, ...]
    """Values of the columns `KINDS`."""
    direction: str
    pairs: list[str]
    values: Mapping[tuple[str, str], Float[np.ndarray, " pairs"]]
    """Value of each pair, by scale and control; NaN where unknown."""


def mean_columns(mean: ClusteredMean, n_asked: int) -> dict[str, object]:
    """Columns of a mean over pairs that the tables of both comparisons share.

    Parameters
    ----------
    mean
        Mean with its interval.
    n_asked
        Pairs that could have had a value.

    Returns
    -------
    dict of str to object
        Values by column.
    """
    return {
        "mean": mean.mean,
        "median": mean.median,
        "low": mean.low,
        "high": mean.high,
        "n": mean.n,
        "n_unknown": n_asked - mean.n,
        "n_left": mean.n_left,
        "n_right": mean.n_right,
        "standard_error": mean.standard_error,
        "degrees": mean.degrees,
    }


def metric_values(table: pa.Table) -> Iterator[MetricValues]:
    """Values of each metric and estimator, pairs in the order of their ids.

    Parameters
    ----------
    table
        Rows of ``faithfulness`` of one measurement.
    """
    by_kind: dict[tuple[str, ...], list[dict[str, object]]] = {}
    for row in table.to_pylist():
        by_kind.setdefault(tuple(row[name] for name in KINDS), []).append(row)
    for kind in sorted(by_kind):
        rows = by_kind[kind]
        pairs = sorted({str(row["pair_id"]) for row in rows})
        place = {pair_id: number for number, pair_id in enumerate(pairs)}
        values: dict[tuple[str, str], np.ndarray] = {}
        for row in rows:
            for scale, column in SCALES.items():
                known = values.setdefault((scale, str(row["control"])), np.full(len(pairs), np.nan))
                if row[column] is not None:
                    known[place[str(row["pair_id"])]] = row[column]
        yield MetricValues(kind, str(rows[0]["direction"]), pairs, values)
