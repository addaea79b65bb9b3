"""A leaderboard as lines of a terminal and as Markdown."""

import textwrap
from collections.abc import Sequence

from tasks.report.leaderboard.headlines import (
    Cell,
    HeadlineColumn,
    HeadlineRow,
    HeadlineTable,
    count,
    detectable_words,
    headline_table,
    mean_words,
    number,
)
from tasks.report.leaderboard.method_pairs import Against, rivals_of, wording_of
from tasks.report.leaderboard.records import Leaderboard
from tasks.report.leaderboard.verdict_words import (
    MARKED,
    MARKS,
    RIVAL,
    best_label,
    correction_words,
    mark_words,
    p_words,
)

__all__ = ["board_lines", "differences_markdown", "escaped", "leaderboard_markdown"]

WIDTH = 100
"""Characters of a line; further metrics follow in a block of their own."""

MOST = 9
_UP, _DOWN = "\N{UPWARDS ARROW}", "\N{DOWNWARDS ARROW}"
_ARROWS = {"higher": f" {_UP}", "lower": f" {_DOWN}", "": ""}
_GAP = "  "


def board_lines(board: Leaderboard) -> list[str]:
    """Blocks of methods by metrics: mean, 95 % interval, chance."""
    table = headline_table(board, MOST)
    methods = f"{len(board.estimators)} methods" if len(board.estimators) > 1 else "1 method"
    pairs = f"{board.n_pairs:,} of {board.n_explained:,} explained pairs"
    lines = [
        f"measurement {board.measure_id}: {methods} on {pairs}",
        f"mean (95 % interval) | chance; {_UP} higher, {_DOWN} lower is better",
        *textwrap.wrap(f"{_marks(table)}{correction_words(board)}", WIDTH),
    ]
    names = ["", *(row.estimator for row in table.rows), "pairs", _label(table)]
    margin = max(len(name) for name in names)
    width = 0
    block: list[list[str]] = [names]
    for cells in _columns(table):
        wide = max(len(cell) for cell in cells) + len(_GAP)
        if len(block) > 1 and margin + width + wide > WIDTH:
            lines += _aligned(block)
            block, width = [names], 0
        block.append(cells)
        width += wide
    lines += _aligned(block) if len(block) > 1 else []
    return lines + _rivals_lines(board, table.columns)


def _marks(table: HeadlineTable) -> str:
    """Legend of the marks of a table; empty where it has none."""
    cells = [cell for row in table.rows for cell in row.cells if cell is not None]
    wording = mark_words([cell.entry.verdict for cell in cells], MARKED)
    return f"{wording}. " if wording else ""


def _pairs(table: HeadlineTable, place: int) -> str:
    """Fewest and most pairs behind the values of a column."""
    values = [cell.entry.explanation for row in table.rows if (cell := row.cells[place]) is not None]
    counts = {value.n for value in values if value is not None and value.n}
    return " to ".join(f"{one:,}" for one in sorted({min(counts), max(counts)})) if counts else "0"


def _columns(table: HeadlineTable) -> list[list[str]]:
    metrics = [
        [
            f"{column.title}{_ARROWS[column.direction]}",
            *(_text_cell(row.cells[place]) for row in table.rows),
            _pairs(table, place),
            _best(column),
        ]
        for place, column in enumerate(table.columns)
    ]
    costs = [
        [title, *(count(row.costs[place]) for row in table.rows), "", ""]
        for place, title in enumerate(table.costs)
    ]
    return metrics + costs


def _text_cell(cell: Cell | None) -> str:
    own = None if cell is None else cell.entry.explanation
    if cell is None or own is None or own.mean is None:
        return "\N{EN DASH}"
    chance = "" if cell.entry.chance is None else f" | {number(cell.entry.chance)}"
    return f"{mean_words(own)}{chance}{MARKS.get(cell.entry.verdict, '')}"


def _label(table: HeadlineTable) -> str:
    return best_label(column.leaders for column in table.columns)


def _best(column: HeadlineColumn) -> str:
    names = column.leaders.names
    if not names:
        return "\N{EN DASH}"
    return column.leaders.silence or column.leaders.best or f"not distinguishable: {len(names)}"


def _aligned(block: list[list[str]]) -> list[str]:
    widths = [max(len(cell) for cell in column) for column in block]
    return [
        _GAP.join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in zip(*block, strict=True)
    ]


def leaderboard_markdown(board: Leaderboard, metrics: Sequence[str] = ()) -> str:
    """Methods by metrics as a Markdown table, with a legend of the marks below it.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    metrics
        Names of metrics; empty for the headline metrics.

    Returns
    -------
    str
        Markdown.
    """
    table = headline_table(board, metrics=metrics)
    titles = [f"{column.title}{_ARROWS[column.direction]}" for column in table.columns]
    head = ["method", *titles, *table.costs]
    rows = [_markdown_row(row) for row in table.rows]
    spare = ["" for _ in table.costs]
    first = table.rows[0].cells if table.rows else ()
    linear = ["*linear surrogate*", *(_markdown_linear(cell) for cell in first), *spare]
    chance = ["*chance*", *(_markdown_chance(cell) for cell in first), *spare]
    pairs = ["*pairs*", *(_pairs(table, place) for place in range(len(table.columns))), *spare]
    best = [_label(table), *(column.leaders.words for column in table.columns), *spare]
    shown = ["*could show*", *(detectable_words(column.shown) for column in table.columns), *spare]
    below = (linear, chance, pairs, best, shown)
    lines = ["| " + " | ".join(map(escaped, head)) + " |", "|" + " --- |" * len(head)]
    lines += ["| " + " | ".join(map(escaped, row)) + " |" for row in (*rows, *below)]
    return "\n".join([*lines, "", _legend(board, table)])


def _markdown_row(row: HeadlineRow) -> list[str]:
    return [
        f"`{row.estimator}`",
        *(_markdown_cell(cell) for cell in row.cells),
        *(count(cost) for cost in row.costs),
    ]


def _markdown_cell(cell: Cell | None) -> str:
    own = None if cell is None else cell.entry.explanation
    if cell is None or own is None or own.mean is None:
        return "\N{EN DASH}"
    mean, _, inside = mean_words(own).partition(" ")
    wording = f"**{mean}**" if cell.mark else mean
    return f"{wording} {inside}".rstrip() + MARKS.get(cell.entry.verdict, "")


def _markdown_linear(cell: Cell | None) -> str:
    linear = None if cell is None else cell.entry.linear
    return "\N{EN DASH}" if linear is None else number(linear.mean)


def _markdown_chance(cell: Cell | None) -> str:
    return "\N{EN DASH}" if cell is None else number(cell.entry.chance)


def _legend(board: Leaderboard, table: HeadlineTable) -> str:
    return (
        f"Measurement `{board.measure_id}`, {board.n_pairs:,} of {board.n_explained:,} explained pairs. "
        f"Mean and 95 % interval, clustered by both items, inside the range of the metric. Below: the "
        "linear surrogate of the first method, and chance beside it (random orders or regions, or the known "
        "value of a random explanation), by which marks decide: by the paired difference where chance was "
        f"measured. {_marks(table)}{correction_words(board)} Bold: no other method is better. Could show: "
        "the size of a difference of two methods that is found with a probability of 80 %, median (largest). "
        f"Removed parts are replaced by {board.baseline}."
    )


def escaped(text: str) -> str:
    """Text with the characters escaped that would end or format a cell of a Markdown table."""
    return text.replace("|", "\\|")


def _rivals_lines(board: Leaderboard, columns: Sequence[HeadlineColumn]) -> list[str]:
    """Lines of the first method against the others, metric by metric; none without comparisons."""
    estimator = board.estimators[0]
    rivals = rivals_of(board, estimator, [column.variant for column in columns])
    lines: list[str] = []
    for place, column in enumerate(columns):
        wording = wording_of([row.cells[place] for row in rivals.rows])
        if wording:
            shown = "" if column.shown is None else f"; could show {detectable_words(column.shown)}"
            line = f"  {column.title}: {wording}{shown}"
            lines += textwrap.wrap(line, WIDTH, subsequent_indent=" " * 4)
    head = (
        f"{estimator} against each other method, pair by pair; could show: the size of a difference of two "
        "methods that is found with a probability of 80 %, median (largest)"
    )
    return [*textwrap.wrap(head, WIDTH), *lines] if lines else []


def differences_markdown(board: Leaderboard, estimator: str, metrics: Sequence[str] = ()) -> str:
    """One method minus each other one, pair by pair, as a Markdown table.

    Parameters
    ----------
    board
        Leaderboard of one measurement.
    estimator
        The chosen method.
    metrics
        As of `leaderboard_markdown`.

    Returns
    -------
    str
        Markdown.
    """
    columns = headline_table(board, metrics=metrics).columns
    rivals = rivals_of(board, estimator, [column.variant for column in columns])
    head = [f"`{estimator}` minus", *(f"{column.title}{_goal(column)}" for column in columns)]
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    for row in rivals.rows:
        cells = [f"`{row.rival}`", *(_cell(cell) for cell in row.cells)]
        lines.append("| " + " | ".join(map(escaped, cells)) + " |")
    verdicts = [cell.verdict for row in rivals.rows for cell in row.cells if cell is not None]
    marked = f"{words}. " if (words := mark_words(verdicts, RIVAL)) else ""
    legend = (
        f"{rivals.summary.capitalize()}. Mean difference, pair by pair, with its 95 % interval; p after Holm "
        f"over all methods of the metric and Benjamini and Bogomolov over the questions. {marked}Could show: "
        "the size of a true difference that is found with a probability of 80 %."
    )
    return "\n".join([*lines, "", legend])


def _goal(column: HeadlineColumn) -> str:
    return f", {column.direction} is better" if column.direction else ""


def _cell(cell: Against | None) -> str:
    if cell is None or cell.difference.mean is None:
        return "\N{EN DASH}"
    one = cell.difference
    hidden = "" if cell.hidden is None else f"could show {number(cell.hidden)}"
    evidence = filter(None, (p_words(one.p_adjusted), f"n = {one.n}", hidden))
    return f"{mean_words(one)}{MARKS.get(cell.verdict, '')}, {', '.join(evidence)}"
