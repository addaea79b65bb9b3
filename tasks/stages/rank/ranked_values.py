"""Values of a measurement by metric and method, with the items that their pairs share."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields

import numpy as np
import pyarrow as pa
from jaxtyping import Bool, Float

__all__ = ["ALL", "MetricKind", "MetricValues", "RankedPair", "metric_values", "relations_of"]

_SCALES = {"raw": "value", "normalised": "normalised"}
"""Columns of ``faithfulness`` by the name of their scale."""

ALL = "all"
"""Pairs of every relation."""


@dataclass(frozen=True, slots=True)
class RankedPair:
    """A measured pair: its items, by which means are clustered, and its relation."""

    left_id: str
    right_id: str
    relation: str


@dataclass(frozen=True, slots=True, order=True)
class MetricKind:
    """Columns that name one metric of one estimator."""

    estimator: str
    metric: str
    mode: str
    side: str
    baseline: str
    axis: str


@dataclass(frozen=True, slots=True, eq=False)
class MetricValues:
    """One metric of one estimator: a value for every control and pair."""

    kind: MetricKind
    direction: str
    pairs: Sequence[str]
    values: Mapping[tuple[str, str], Float[np.ndarray, " pairs"]]
    """Value of each pair, by scale and control; NaN where unknown."""


def metric_values(table: pa.Table) -> Iterator[MetricValues]:
    """Values of each metric and estimator, pairs in the order of their ids.

    Parameters
    ----------
    table
        Rows of ``faithfulness`` of one measurement.

    Yields
    ------
    MetricValues
        In the order of their kinds.
    """
    by_kind: dict[MetricKind, list[int]] = {}
    keys = zip(*(table[column.name].to_pylist() for column in fields(MetricKind)), strict=True)
    for row, key in enumerate(keys):
        by_kind.setdefault(MetricKind(*key), []).append(row)
    for kind in sorted(by_kind):
        rows = table.take(by_kind[kind])
        pairs, place = np.unique(rows["pair_id"].to_pylist(), return_inverse=True)
        controls = np.array(rows["control"].to_pylist())
        values: dict[tuple[str, str], np.ndarray] = {}
        for control in dict.fromkeys(controls.tolist()):
            here = controls == control
            for scale, column in _SCALES.items():
                known = values[scale, control] = np.full(len(pairs), np.nan)
                known[place[here]] = rows[column].cast(pa.float64()).to_numpy()[here]
        yield MetricValues(kind, rows["direction"][0].as_py(), pairs.tolist(), values)


def relations_of(pairs: Sequence[RankedPair]) -> Iterator[tuple[str, Bool[np.ndarray, " pairs"]]]:
    """Groups of pairs that are averaged: all of them, then those of each relation if there are several.

    Parameters
    ----------
    pairs
        Pairs that have a value.

    Yields
    ------
    tuple of str and Boolean array
        Name of the relation, and which pairs have it.
    """
    yield ALL, np.ones(len(pairs), dtype=bool)
    relations = np.array([pair.relation for pair in pairs])
    names = np.unique(relations).tolist()
    for name in names if len(names) > 1 else []:
        yield name, relations == name
