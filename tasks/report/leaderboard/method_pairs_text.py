"""One method against each other one as lines of a terminal and as Markdown."""

import textwrap
from collections.abc import Sequence

from tasks.report.leaderboard.headlines import Column, detectable_words, mean_words, number
from tasks.report.leaderboard.method_pairs import Against, rivals_of, told_of
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.verdict_words import MARKS, RIVAL, mark_words, p_words

__all__ = ["rivals_lines", "rivals_markdown"]

_INDENT = 4


def rivals_lines(board: Leaderboard, columns: Sequence[Column], width: int) -> list[str]:
    """How the first method does against the others, metric by metric; none where nothing was compared."""
    estimator = board.estimators[0]
    rivals = rivals_of(board, estimator, [column.variant for column in columns])
    lines: list[str] = []
    for place, column in enumerate(columns):
        told = told_of([row.cells[place] for row in rivals.rows])
        if told:
            shown = "" if column.shown is None else f"; could show {detectable_words(column.shown)}"
            line = f"  {column.title}: {told}{shown}"
            lines += textwrap.wrap(line, width, subsequent_indent=" " * _INDENT)
    head = (
        f"{estimator} against each other method, pair by pair; could show: the size of a difference of two "
        "methods that is found with a probability of 80 %, median (largest)"
    )
    return [*textwrap.wrap(head, width), *lines] if lines else []


def rivals_markdown(board: Leaderboard, estimator: str, columns: Sequence[Column]) -> str:
    """A method minus each other one by metrics: interval, corrected p-value and number of pairs."""
    rivals = rivals_of(board, estimator, [column.variant for column in columns])
    head = [f"`{estimator}` minus", *(f"{column.title}{_goal(column)}" for column in columns)]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rivals.rows:
        cells = [f"`{row.rival}`", *(_cell(cell) for cell in row.cells)]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    told = [cell.verdict for row in rivals.rows for cell in row.cells if cell is not None]
    marked = f"{words}. " if (words := mark_words(told, RIVAL)) else ""
    legend = (
        f"{rivals.summary.capitalize()}. Mean difference, pair by pair, with its 95 % interval; p after Holm "
        f"over all methods of the metric and Benjamini and Bogomolov over the questions. {marked}Could show: "
        "the size of a true difference that is found with a probability of 80 %."
    )
    return "\n".join([*lines, "", legend])


def _goal(column: Column) -> str:
    return f", {column.direction} is better" if column.direction else ""


def _cell(cell: Against | None) -> str:
    if cell is None or cell.difference.mean is None:
        return "\N{EN DASH}"
    one = cell.difference
    hidden = "" if cell.hidden is None else f"could show {number(cell.hidden)}"
    told = filter(None, (p_words(one.p_adjusted), f"n = {one.n}", hidden))
    return f"{mean_words(one)}{MARKS.get(cell.verdict, '')}, {', '.join(told)}"
