"""Methods by headline metrics: one table for the page, the terminal and Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from ilime_core.faithfulness.registry import COST
from tasks.figures.joint_share import percent
from tasks.report.leaderboard.entries import BoardEntry, Variant
from tasks.report.leaderboard.method_pairs import Detectable, detectable
from tasks.report.leaderboard.metrics import meaning_of
from tasks.report.leaderboard.records import ALL, Leaderboard
from tasks.report.leaderboard.verdict_words import AMONG_BEST, BEST, CHECK, COMPARISON, said
from tasks.report.leaderboard.verdicts import BoardEstimate, Leaders

__all__ = [
    "Cell",
    "HeadlineColumn",
    "HeadlineRow",
    "HeadlineTable",
    "count",
    "detectable_words",
    "headline_table",
    "joint_words",
    "mean_words",
    "number",
    "verdict_words",
]


@dataclass(frozen=True, slots=True)
class HeadlineColumn:
    """One headline metric."""

    variant: Variant
    title: str
    direction: str
    """higher or lower is better; empty where neither is"""
    leaders: Leaders
    shown: Detectable | None
    """Differences between methods that the number of pairs could have detected."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One method in one metric."""

    entry: BoardEntry
    leaders: Leaders
    """Best methods in this metric."""

    @property
    def mark(self) -> str:
        """Mark of the best method, or of those that share the first place; empty where all do."""
        if self.entry.estimator not in self.leaders.chosen:
            return ""
        return BEST if self.leaders.best else AMONG_BEST

    @property
    def verdict(self) -> str:
        """Verdict of the interval in words."""
        return verdict_words(self.entry)


@dataclass(frozen=True, slots=True)
class HeadlineRow:
    """One method; None where it was not measured."""

    estimator: str
    cells: tuple[Cell | None, ...]
    costs: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class HeadlineTable:
    """Methods by headline metrics."""

    columns: tuple[HeadlineColumn, ...]
    costs: tuple[str, ...]
    """Titles of the columns of cost."""
    rows: tuple[HeadlineRow, ...]


def headline_table(board: Leaderboard, most: int | None = None, metrics: Sequence[str] = ()) -> HeadlineTable:
    """The first headline metrics that were measured, and cost.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    most
        Largest number of columns beside cost; None for all.
    metrics
        Shown instead of the headline metrics, each in all its featured variants.

    Returns
    -------
    HeadlineTable
        One row a method, in the order of the spec.
    """
    named = [variant for metric in metrics for variant in board.featured(metric)]
    shown = named if metrics else list(board.headlines())
    columns = tuple(_column(board, variant) for variant in shown[:most])
    spent = {name: board.costs(name) for name in board.estimators}
    counted = [mode for mode in COST.modes if any(mode in costs for costs in spent.values())]
    rows = tuple(
        HeadlineRow(
            name,
            tuple(_cell(board, name, column) for column in columns),
            tuple(spent[name].get(mode) for mode in counted),
        )
        for name in board.estimators
    )
    return HeadlineTable(columns, tuple(COST.mode_name(mode) for mode in counted), rows)


def _column(board: Leaderboard, variant: Variant) -> HeadlineColumn:
    direction = board.of(variant)[0].goal
    return HeadlineColumn(
        variant, variant.name, direction, board.leaders(variant), detectable(board, variant)
    )


def _cell(board: Leaderboard, estimator: str, column: HeadlineColumn) -> Cell | None:
    entry = board.entries.get((estimator, ALL, column.variant))
    return None if entry is None else Cell(entry, column.leaders)


def verdict_words(entry: BoardEntry) -> str:
    """Verdict with n and p-value; empty where there is nothing to compare with."""
    if not entry.is_check:
        return said(entry.compared, entry.direction, COMPARISON) if entry.has_chance else ""
    return said(entry.compared, "lower", CHECK, bound_of(entry))


def bound_of(entry: BoardEntry) -> str:
    """Upper bound of a sanity check."""
    return f"{meaning_of(entry.variant.metric).null:g}"


def count(value: float | None) -> str:
    """Number without decimals; a dash for None."""
    return "\N{EN DASH}" if value is None else f"{value:,.0f}"


def number(value: float | None) -> str:
    """Number with three decimals; two digits for smaller sizes, none after the point from 100 on."""
    if value is None:
        return "\N{EN DASH}"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < size < 0.0005 else f"{value:.3f}"


def detectable_words(shown: Detectable | None) -> str:
    """Smallest difference that could have been detected: the typical one and the largest."""
    if shown is None:
        return "\N{EN DASH}"
    return f"{number(shown.typical)} (up to {number(shown.largest)})"


def mean_words(estimate: BoardEstimate) -> str:
    """A mean with its interval, where there is one."""
    inside = "" if estimate.low is None else f" ({number(estimate.low)} to {number(estimate.high)})"
    return f"{number(estimate.mean)}{inside}"


_OF_JOINT = frozenset({"r2_cross", "r2_cross_held_out"})


def joint_words(board: Leaderboard, entry: BoardEntry) -> str:
    """Best possible R2 and joint share of the variance, beside an R2 of the joint part.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    entry
        One method in one metric.

    Returns
    -------
    str
        Words; empty for other metrics.
    """
    if entry.variant.metric not in _OF_JOINT:
        return ""
    best, share = (_mean(board, entry, metric) for metric in ("r2_cross_ceiling", "share_cross"))
    return f"best possible {percent(best)}, of {percent(share)} of the variance"


def _mean(board: Leaderboard, entry: BoardEntry, metric: str) -> float | None:
    own = board.entries.get((entry.estimator, entry.relation, replace(entry.variant, metric=metric)))
    return None if own is None or own.explanation is None else own.explanation.mean
