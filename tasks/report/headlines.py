"""Methods by headline metrics: one table for the page, the terminal and Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

from tasks.report.leaderboard_records import ALL, Entry, Leaderboard, Variant
from tasks.report.metric_meanings import MEANINGS, meaning_of
from tasks.report.metric_names import mode_name
from tasks.report.rivals import Detectable, detectable
from tasks.report.verdicts import Estimate, Leaders, Verdict, comparison_words

__all__ = [
    "Cell",
    "Column",
    "HeadlineRow",
    "HeadlineTable",
    "count",
    "detectable_words",
    "headline_table",
    "mean_words",
    "number",
    "p_words",
    "verdict_words",
]


@dataclass(frozen=True, slots=True)
class Column:
    """One headline metric."""

    variant: Variant
    title: str
    direction: str
    leaders: Leaders
    shown: Detectable | None
    """What the number of pairs could have shown between methods."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One method in one metric."""

    entry: Entry
    leaders: Leaders
    """Of all methods in this metric."""

    @property
    def mark(self) -> str:
        """Of the best method, and of those that share the first place; empty where all do."""
        if self.entry.estimator not in self.leaders.chosen:
            return ""
        return "best" if self.leaders.best else "among the best"

    @property
    def verdict(self) -> str:
        """What the interval decides, in words."""
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

    columns: tuple[Column, ...]
    costs: tuple[str, ...]
    """What counts as cost, in people's words."""
    rows: tuple[HeadlineRow, ...]


def headline_table(board: Leaderboard, most: int | None = None, metrics: Sequence[str] = ()) -> HeadlineTable:
    """The first headline metrics that were measured, and cost.

    Parameters
    ----------
    most
        Columns beside cost; None for all.
    metrics
        Shown instead of the headlines, each in all variants that stand for it.
    """
    named = [variant for metric in metrics for variant in board.featured(metric)]
    shown = named if metrics else list(board.headlines())
    columns = tuple(_column(board, variant) for variant in shown[:most])
    spent = {name: board.costs(name) for name in board.estimators}
    counted = [mode for mode in MEANINGS["cost"].modes if any(mode in costs for costs in spent.values())]
    rows = tuple(
        HeadlineRow(
            name,
            tuple(_cell(board, name, column) for column in columns),
            tuple(spent[name].get(mode) for mode in counted),
        )
        for name in board.estimators
    )
    return HeadlineTable(columns, tuple(mode_name(mode) for mode in counted), rows)


def _column(board: Leaderboard, variant: Variant) -> Column:
    direction = board.of(variant)[0].direction
    return Column(variant, variant.name, direction, board.leaders(variant), detectable(board, variant))


def _cell(board: Leaderboard, estimator: str, column: Column) -> Cell | None:
    entry = board.entries.get((estimator, ALL, column.variant))
    return None if entry is None else Cell(entry, column.leaders)


def verdict_words(entry: Entry) -> str:
    """What an interval decides; empty where there is nothing to compare with."""
    meaning = meaning_of(entry.variant.metric)
    if meaning.passes_below is None:
        return comparison_words(entry.compared, entry.direction) if entry.has_chance else ""
    bound = f"{meaning.passes_below:g}"
    told = {
        Verdict.BETTER: f"passes: below {bound}",
        Verdict.WORSE: f"fails: above {bound}",
        Verdict.UNDECIDED: f"{bound} is inside the interval",
    }
    return told.get(entry.verdict) or comparison_words(entry.compared, "lower", bound)


def count(value: float | None) -> str:
    """Without decimals."""
    return "\N{EN DASH}" if value is None else f"{value:,.0f}"


def number(value: float | None) -> str:
    """Three decimals; of what is smaller or much larger two or no decimals that say something."""
    if value is None:
        return "\N{EN DASH}"
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    return f"{value:.2g}" if 0 < size < 0.0005 else f"{value:.3f}"


def detectable_words(shown: Detectable | None) -> str:
    """The smallest difference that could have been shown, and the largest of them."""
    if shown is None:
        return "\N{EN DASH}"
    return f"{number(shown.typical)} (up to {number(shown.largest)})"


def p_words(value: float | None) -> str:
    """A corrected p-value, no more exact than anybody reads it."""
    if value is None:
        return ""
    return "p < .001" if value < 0.001 else f"p = {value:.3f}".replace("0.", ".", 1)


def mean_words(estimate: Estimate) -> str:
    """A mean with its interval, where there is one."""
    inside = "" if estimate.low is None else f" ({number(estimate.low)} to {number(estimate.high)})"
    return f"{number(estimate.mean)}{inside}"
