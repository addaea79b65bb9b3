"""Comparison of two runs: the verdict, and where they differ."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import pyarrow as pa
import pyarrow.compute as pc

from tasks.comparison.allowances import Allowances
from tasks.comparison.tables import Comparison, compare_rows, compared_columns
from tasks.comparison.ties import find_ties
from tasks.run_files.commits import Commit
from tasks.run_files.committed import read_rows
from tasks.run_files.naming import check_stage
from tasks.runs.run import Run
from tasks.tables import TABLES, Table

__all__ = ["DiffReport", "diff_runs"]

SLICE_ROWS = 2_000_000
"""Larger tables are compared in slices of their ids, so that memory is bounded."""

_BEFORE_OTHERS = ("items", "rankings", "pairs", "margins")
_IDS = {"item_id", "query_id", "pair_id"}
_HEX = "0123456789abcdef"


@dataclass(frozen=True, slots=True)
class DiffReport:
    """Result of the comparison of two runs, table by table."""

    comparisons: tuple[Comparison, ...]

    @property
    def same(self) -> bool:
        """True if everything agrees within what may differ."""
        return not any(comparison.counts for comparison in self.comparisons)

    @property
    def bitwise(self) -> bool:
        """True if everything agrees to the bit."""
        return self.same and not any(comparison.tolerated for comparison in self.comparisons)

    @property
    def lines(self) -> tuple[str, ...]:
        """The verdict, then the first differences of every table, then what was tolerated."""
        verdict = "the same, to the bit" if self.bitwise else "the same" if self.same else "not the same"
        return (verdict, *self._differences(), *self._tolerated())

    def _differences(self) -> Iterator[str]:
        for comparison in self.comparisons:
            yield from map(str, comparison.differences)
            for column, count in comparison.counts.items():
                what = f"values of {column}" if column else "rows"
                yield f"{comparison.table}: {count} {what} differ"

    def _tolerated(self) -> Iterator[str]:
        for comparison in self.comparisons:
            for column, (count, largest) in comparison.tolerated.items():
                what = (
                    f"values of {column} differ by up to {largest:.2g}" if column else "rows differ by a tie"
                )
                yield f"{comparison.table}: {count} {what}, as they may"


def diff_runs(a: Run, b: Run) -> DiffReport:
    """Compare what two runs have committed.

    Run ids, blocks and names of parts play no part, nor do columns that the tables call volatile. Keys, rows,
    masks, segments and counts have to be equal; reals may differ by `tasks.comparison.tolerances`,
    decompositions by the freedom that they have, and ranks and selected pairs where scores are tied.

    Parameters
    ----------
    a, b
        The runs; ``first`` and ``second`` in the report.

    Returns
    -------
    DiffReport
        One comparison a table, in the order of the tables.
    """
    first, second = _Tables(a), _Tables(b)
    before = [{name: side.read(TABLES[name]) for name in _BEFORE_OTHERS} for side in (first, second)]
    allowances = Allowances(find_ties(*before), first.read(TABLES["global_factors"]))
    # Ranks are settled first: how far they moved excuses the metrics.
    order = sorted(TABLES, key=lambda name: name not in _BEFORE_OTHERS)
    comparisons = {name: _compare(TABLES[name], (first, second), allowances) for name in order}
    return DiffReport(tuple(comparisons[name] for name in TABLES))


class _Tables:
    """Tables of one run, from records that are read once."""

    def __init__(self, run: Run) -> None:
        self._run = run

    @cached_property
    def _commits(self) -> dict[str, list[Commit]]:
        by_stage: dict[str, list[Commit]] = {}
        for stage, blocks in self._run.commits().items():
            by_stage.setdefault(check_stage(stage), []).extend(blocks.values())
        return by_stage

    def rows(self, name: str) -> int:
        """Rows of a table as its records count them."""
        commits = self._commits.get(TABLES[name].stage, [])
        return sum(part.rows for commit in commits for part in commit.parts if part.table == name)

    def read(self, spec: Table, rows: pc.Expression | None = None) -> pa.Table:
        """Compared columns of a table."""
        _, columns = compared_columns(spec)
        return read_rows(self._run.storage, self._commits.get(spec.stage, []), spec.name, columns, rows)


def _compare(spec: Table, sides: tuple[_Tables, _Tables], allowances: Allowances) -> Comparison:
    found = Comparison(spec.name)
    if compared_columns(spec)[1]:
        for piece in _slices(spec, max(side.rows(spec.name) for side in sides)):
            compare_rows(spec, sides[0].read(spec, piece), sides[1].read(spec, piece), allowances, found)
    return found


def _slices(spec: Table, rows: int) -> Iterator[pc.Expression | None]:
    """Filters that split a large table by the first digits of its leading id; an id's rows stay together."""
    if rows <= SLICE_ROWS or spec.key[0] not in _IDS:
        yield None
        return
    digits = [x + y for x in _HEX for y in _HEX] if rows > len(_HEX) * SLICE_ROWS else list(_HEX)
    letter = "p" if spec.key[0] == "pair_id" else "i"
    bounds = ["", *(letter + digit for digit in digits[1:]), "~"]
    column = pc.field(spec.key[0])
    for low, high in pairwise(bounds):
        yield (column >= low) & (column < high)
