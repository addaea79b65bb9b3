"""``ilime query``: the answer to one statement, or to those of a prompt."""

import importlib
import io
import re
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.exit_status import DONE
from ilime_core.errors import IlimeError, InputError
from ilime_core.near_names import did_you_mean
from ilime_core.printable import printable
from tasks.query.answers import Answer, are_numbers, plain_value, write_answer
from tasks.query.database import Database
from tasks.query.registry import RELATIONS, VIEWS
from tasks.runs.listing import RunStatus
from tasks.runs.run import Run, list_runs, open_run

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["AskedRun", "answer_query", "describe_relation", "list_relations", "prompt_for_queries"]


@dataclass(frozen=True, slots=True)
class AskedRun:
    """Run that is asked, and how its views and answers are shown."""

    root: str
    """Output that holds the run."""
    run: str
    """Run id, its unique prefix, label, or ``latest``."""
    n_rows: int
    """Rows that a table shows."""
    comparisons: str
    """Folder or URL that `ilime compare` has written to; empty for none."""
    thresholds: Mapping[str, float]
    """Values of `tasks.query.registry.THRESHOLDS`."""


PLAN = "explain_value"
"""Column of DuckDB's plans, drawn over several lines; no text of a corpus is in it but that of the SQL."""

WIDE = 200
"""Columns of a table that goes to no terminal."""

ID = re.compile(r"([a-z]+[0-9a-f]{12})[0-9a-f]{52}")
"""Id of an item or a pair. Beside other columns a table shows what commands take for it, a prefix of twelve
digits; alone it stays whole, because a program may use it."""

HELP = "SQL ends with ;    .tables    .describe NAME    .quit"


def answer_query(asked: AskedRun, sql: str, form: str) -> int:
    """Print the answer to one statement.

    Parameters
    ----------
    asked
        Run, and how it is shown.
    sql
        One statement in DuckDB's dialect.
    form
        ``table`` or one of `tasks.query.answers.FORMATS`.

    Returns
    -------
    int
        Exit status, always 0.

    Raises
    ------
    InputError
        If the SQL is wrong, or bytes would go to a terminal.
    """
    if form == "parquet" and sys.stdout.isatty():
        raise InputError("Parquet is not for a terminal: send it into a file, with > answer.parquet")
    with _open(asked, with_others="all_runs" in sql.casefold()) as database:
        answer = database.query(sql)
        if form == "table":
            _print_table(answer, asked.n_rows)
        else:
            terminal = cast("BinaryIO", _TerminalBytes())
            write_answer(answer, form, terminal if sys.stdout.isatty() else sys.stdout.buffer)
    return DONE


def prompt_for_queries(asked: AskedRun) -> int:
    """Answer statements from a terminal until its end; from a pipe, those that it holds.

    Parameters
    ----------
    asked
        Run, and how it is shown.

    Returns
    -------
    int
        Exit status, always 0.

    Raises
    ------
    InputError
        If standard input is no terminal.
    """
    if not sys.stdin.isatty():
        raise InputError('no SQL is given, and standard input is no terminal: ilime query ROOT "SELECT ..."')
    with suppress(ImportError):
        importlib.import_module("readline")  # lines can be edited where the platform has it
    with _open(asked, with_others=True) as database:
        click.echo(f"run {database.run_id}. {HELP}")
        while (statement := _statement()) is not None:
            try:
                _answer_line(database, statement, asked.n_rows)
            except IlimeError as error:
                click.echo(printable(str(error)), err=True)
            except KeyboardInterrupt:
                click.echo("stopped", err=True)
    return DONE


def list_relations() -> int:
    """Print tables and views, each with what it holds."""
    table = Table("name", "holds", box=None)
    for name, one in (VIEWS | RELATIONS).items():
        table.add_row(f"{name}{' (view)' * (name in VIEWS)}", escape(one.meaning))
    _console().print(table)
    return DONE


def describe_relation(name: str) -> int:
    """Print the columns of a table or view.

    Parameters
    ----------
    name
        Name of a table or view.

    Returns
    -------
    int
        Exit status, always 0.

    Raises
    ------
    InputError
        If there is none of this name.
    """
    if name not in RELATIONS:
        raise InputError(
            f"no table or view is called {name!r}{did_you_mean(name, RELATIONS)}; --tables lists them"
        )
    click.echo(f"{name}: {RELATIONS[name].meaning}")
    table = Table("column", "type", "unit", "meaning", box=None)
    for column in RELATIONS[name].columns:
        table.add_row(column.name, str(column.type), column.unit, escape(column.meaning))
    _console().print(table)
    return DONE


def _open(asked: AskedRun, *, with_others: bool) -> Database:
    others: list[Run] = []
    if with_others:
        finished = (one for one in list_runs(asked.root) if one.status is RunStatus.FINISHED)
        others = [open_run(asked.root, one.run_id) for one in finished]
    database = Database(open_run(asked.root, asked.run), others, asked.thresholds, asked.comparisons)
    if database.left_out:
        click.echo(
            f"warning: all_runs leaves out {', '.join(database.left_out)}, whose tables have another schema: "
            "read them with the version of ilime that wrote them, or explain again into another output",
            err=True,
        )
    return database


def _statement() -> str | None:
    """Lines up to one that ends with a semicolon, or a line that begins with a dot; None at the end."""
    lines: list[str] = []
    while True:
        try:
            lines.append(input("   ...> " if lines else "ilime> "))
        except EOFError:
            click.echo()
            return None
        except KeyboardInterrupt:
            click.echo()
            return ""
        text = "\n".join(lines).strip()
        if text == ".quit":
            return None
        if not text or text.endswith(";") or text.startswith("."):
            return text


def _answer_line(database: Database, statement: str, n_rows: int) -> None:
    word, _, rest = statement.partition(" ")
    if word == ".tables":
        list_relations()
    elif word == ".describe":
        describe_relation(rest.strip())
    elif word.startswith("."):
        click.echo(HELP)
    elif statement:
        _print_table(database.query(statement), n_rows)


def _print_table(answer: Answer, n_rows: int) -> None:
    table = Table(box=None)
    for name, number in zip(answer.schema.names, are_numbers(answer), strict=True):
        table.add_column(escape(printable(name)), justify="right" if number else "left", overflow="fold")
    n_more = 0
    for batch in answer:
        shown = batch.slice(0, max(0, n_rows - table.row_count))
        n_more += batch.num_rows - shown.num_rows
        for row in shown.to_pylist():
            table.add_row(*(escape(_text(name, value, cut=len(row) > 1)) for name, value in row.items()))
    _console().print(table)
    if n_more:
        click.echo(f"{n_more:,} more rows: --rows shows more, --format csv writes all", err=True)


class _TerminalBytes(io.RawIOBase):
    """Terminal that gets lines of text without control characters; files and pipes get them as they are."""

    def writable(self) -> bool:
        """True, always."""
        return True

    def write(self, data: "ReadableBuffer", /) -> int:
        """Print whole characters in UTF-8."""
        written = bytes(data)
        click.echo("\n".join(map(printable, written.decode("utf-8", "replace").split("\n"))), nl=False)
        return len(written)


def _text(name: str, value: object, *, cut: bool) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.4g}"
    text = str(plain_value(value))
    if cut and (known := ID.fullmatch(text)):
        return f"{known[1]}\N{HORIZONTAL ELLIPSIS}"
    return "\n".join(map(printable, text.split("\n"))) if name == PLAN else printable(text)


def _console() -> Console:
    return Console(width=None if sys.stdout.isatty() else WIDE)
