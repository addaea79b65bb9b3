"""Two versions of one table: which rows and values differ by more than they may."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.comparison.allowances import Allowances
from tasks.comparison.tolerances import tolerance_of
from tasks.comparison.values import bit_equal, distances, group_codes, within
from tasks.run_files.parts import is_increasing
from tasks.tables import TABLES, Table

__all__ = ["Comparison", "Difference", "compare_rows", "compared_columns", "row_key"]

SHOWN = 3
"""Differences of a table and column that are listed; the others are counted."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value, or one row where ``column`` is empty, that differs by more than it may."""

    table: str
    key: str
    column: str
    first: str
    second: str

    def __str__(self) -> str:
        place = f"{self.table}{self.key}"
        return f"{place}: {self.column or 'row'} {self.first} in the first run, {self.second} in the second"


@dataclass(slots=True)
class Comparison:
    """Differences of one table, counted column by column."""

    table: str
    differences: list[Difference] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """Values that differ by more than they may, by column; rows under ''."""
    tolerated: dict[str, tuple[int, float]] = field(default_factory=dict)
    """Values that differ as they may, by column: how many, and the largest difference."""

    def differ(self, column: str, found: list[Difference], count: int) -> None:
        """Count differences and keep the first few.

        Parameters
        ----------
        column
            Name; '' counts rows.
        found
            Differences to show.
        count
            Differences in all, those of ``found`` included.
        """
        shown = self.counts.get(column, 0)
        self.counts[column] = shown + count
        self.differences += found[: max(0, SHOWN - shown)]

    def tolerate(self, column: str, count: int, largest: float) -> None:
        """Count values that differ as they may.

        Parameters
        ----------
        column
            Name.
        count
            Values that differ within what is allowed.
        largest
            Their largest absolute difference.
        """
        before, most = self.tolerated.get(column, (0, 0.0))
        self.tolerated[column] = (before + count, max(most, largest))


def compared_columns(spec: Table) -> tuple[list[str], list[str]]:
    """Key and columns of a table without the volatile ones; the key is empty where it is volatile itself."""
    columns = [column.name for column in spec.columns if column.name not in spec.volatile]
    return [] if spec.volatile & set(spec.key) else list(spec.key), columns


def compare_rows(
    spec: Table, first: pa.Table, second: pa.Table, allowances: Allowances, found: Comparison
) -> None:
    """Compare rows of two runs in any order and add to what was found.

    Parameters
    ----------
    spec
        Columns and key of the table; volatile columns are not compared.
    first, second
        The table in both runs.
    allowances
        Rules for what plain tolerances do not allow.
    found
        Collects the differences.
    """
    key, columns = compared_columns(spec)
    if key:
        first, second = _ordered(first, key), _ordered(second, key)
        if not first.select(key).equals(second.select(key)):
            first, second = _common(first, second, key, allowances, found)
    elif first.num_rows != second.num_rows:
        told = Difference(found.table, "", "", f"{first.num_rows} rows", f"{second.num_rows} rows")
        found.differ("", [told], 1)
        return
    for column in columns:
        if column not in key:
            _compare_column(column, key, (first, second), allowances, found)


def row_key(table: pa.Table, key: Sequence[str], row: int) -> str:
    """A row's key as people read it.

    Parameters
    ----------
    table
        Table with the columns of the key.
    key
        Columns of the key.
    row
        Index of the row.

    Returns
    -------
    str
        The values in brackets, separated by commas.
    """
    return "[" + ", ".join(str(table.column(name)[row].as_py()) for name in key) + "]"


def _ordered(table: pa.Table, key: list[str]) -> pa.Table:
    if not is_increasing(table.select(key)):
        table = table.sort_by([(name, "ascending") for name in key])
    return table.combine_chunks()


def _common(
    first: pa.Table, second: pa.Table, key: list[str], allowances: Allowances, found: Comparison
) -> tuple[pa.Table, pa.Table]:
    """Rows whose keys are in both, in one order; the others are excused or reported."""
    places = [
        table.select(key).append_column(name, pa.array(np.arange(table.num_rows)))
        for name, table in (("in_first", first), ("in_second", second))
    ]
    joined = (
        places[0]
        .join(places[1], keys=key, join_type="full outer")
        .sort_by([("in_first", "ascending"), ("in_second", "ascending")])
    )
    in_first, in_second = joined.column("in_first"), joined.column("in_second")
    _lone_rows(
        first.take(in_first.filter(pc.is_null(in_second))), second, ("present", "absent"), allowances, found
    )
    _lone_rows(
        second.take(in_second.filter(pc.is_null(in_first))), first, ("absent", "present"), allowances, found
    )
    both = pc.and_(pc.is_valid(in_first), pc.is_valid(in_second))
    return first.take(in_first.filter(both)).combine_chunks(), second.take(
        in_second.filter(both)
    ).combine_chunks()


def _lone_rows(
    only: pa.Table, other: pa.Table, states: tuple[str, str], allowances: Allowances, found: Comparison
) -> None:
    if not only.num_rows:
        return
    excused = allowances.rows(found.table, only, other)
    if excused.any():
        found.tolerate("", int(excused.sum()), 0.0)
    rows = np.flatnonzero(~excused).tolist()
    if rows:
        key = [name for name in TABLES[found.table].key if name in only.column_names]
        told = [Difference(found.table, row_key(only, key, row), "", *states) for row in rows[:SHOWN]]
        found.differ("", told, len(rows))


def _compare_column(
    column: str, key: list[str], tables: tuple[pa.Table, pa.Table], allowances: Allowances, found: Comparison
) -> None:
    first, second = (table.column(column) for table in tables)
    unequal = np.flatnonzero(~bit_equal(first, second))
    if not len(unequal):
        return
    rule = tolerance_of(found.table, column)
    far = np.full(len(unequal), np.inf)
    close = np.zeros(len(unequal), bool)
    if rule is not None:
        groups = group_codes(tables[0], rule.group) if rule.group else np.zeros(len(first), np.int64)
        close = within(rule, first, second, groups)[unequal]
        far = distances(first.take(pa.array(unequal)), second.take(pa.array(unequal)))
    excused = close.copy()
    if not close.all():
        excused[~close] = allowances.values(found.table, column, *tables, unequal[~close])
    if excused.any():
        found.tolerate(column, int(excused.sum()), float(far[excused & np.isfinite(far)].max(initial=0.0)))
    rows = unequal[~excused]
    told = [
        Difference(found.table, row_key(tables[0], key, row), column, _shown(first[row]), _shown(second[row]))
        for row in rows[:SHOWN].tolist()
    ]
    if len(rows):
        found.differ(column, told, len(rows))


def _shown(value: pa.Scalar) -> str:
    text = repr(value.as_py())
    return text if len(text) <= 80 else f"{text[:77]}..."
