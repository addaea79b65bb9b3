"""Annotations in a CSV or TSV table, row by row."""

import csv
import io
from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from ilime_core.errors import FailureReason, InputError
from tasks.corpora.reading.annotation_file import LINE_CHARACTERS, AnnotationFile, numbered_lines
from tasks.corpora.rejections import Rejections
from tasks.corpora.usable_text import check_text, is_utf8

__all__ = ["Row", "csv_rows", "no_column", "tsv_rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table with a header."""

    values: Mapping[str, str]
    place: str
    """Like ``/data/captions.csv, line 3``: the line on which the row ends."""

    def check(self, column: str, field: str = "") -> None:
        """Refuse a table without a column; all rows have the same ones.

        Parameters
        ----------
        column
            Column that has to be there.
        field
            Field of the spec that names another one; empty for none.

        Raises
        ------
        InputError
            If it is not there.
        """
        if column not in self.values:
            raise no_column(self.place, column, self.values, field)

    def text(self, column: str) -> str:
        """Value of a column that must be there; errors as of `check_text`, too."""
        self.check(column)
        return check_text(self.values[column], f"{self.place}, {column}", "a text")


def csv_rows(file: AnnotationFile, rejections: Rejections) -> Iterator[Row]:
    """Read the rows below the header; blank lines are skipped.

    A line that is no CSV, like one with a quote too many, a row with another number of fields and one with
    a field over `csv.field_size_limit` are rejected; what follows is read.

    Parameters
    ----------
    file
        CSV with a header.
    rejections
        Receives the rows that cannot be read.

    Yields
    ------
    Iterator[Row]
        Fields by column, with the place.

    Raises
    ------
    InputError
        If the file is empty, or its header is not UTF-8 or names a column twice.
    """
    with file.text() as text:
        lines = _Lines(text)
        reader = csv.reader(lines, strict=True)
        header: Sequence[str] = ()
        while True:
            lines.begin_row()
            try:
                fields = next(reader, None)
            except csv.Error as error:
                reason = FailureReason.TOO_LARGE if "limit" in str(error) else FailureReason.MALFORMED
                lines.return_to_second()
                rejections.add(reason, f"{file.url}, line {lines.number}: no valid CSV ({error})")
                continue
            if fields is None:
                break
            if not fields:
                continue
            place = f"{file.url}, line {lines.number}"
            if not header:
                header = _header(fields, file.url)
            elif _fits(fields, header, place, rejections):
                yield Row(dict(zip(header, fields, strict=True)), place)
    if not header:
        raise InputError(f"{file.url}: is empty; needed is a table with a header")


def tsv_rows(file: AnnotationFile, rejections: Rejections) -> Iterator[Row]:
    """Read the rows below the header of a table with a tab between fields, in which quotes mean nothing.

    A row with another number of fields is rejected.

    Parameters
    ----------
    file
        Table with a header.
    rejections
        Receives the rows that cannot be read.

    Yields
    ------
    Iterator[Row]
        Fields by column, with the place.

    Raises
    ------
    InputError
        If the file is empty, or its header is not UTF-8 or names a column twice.
    """
    header: Sequence[str] = ()
    for place, line in numbered_lines(file, rejections):
        fields = line.split("\t")
        if not header:
            header = _header(fields, file.url)
        elif _fits(fields, header, place, rejections):
            yield Row(dict(zip(header, fields, strict=True)), place)
    if not header:
        raise InputError(f"{file.url}: is empty; needed is a table with a header")


class _Lines:
    """Lines of a table for a CSV reader, which may go back to the second line of the row at hand.

    A quote that is never closed makes the reader take many lines for one row. Only the first of them is at
    fault.
    """

    def __init__(self, text: io.TextIOWrapper) -> None:
        self._text = text
        self._row: list[str] = []
        self._again: deque[str] = deque()
        self.number = 0
        """Of the last line that was given, from 1."""

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else self._read()
        if not line:
            raise StopIteration
        self.number += 1
        self._row.append(line)
        if len(line) > LINE_CHARACTERS:
            raise csv.Error(f"a line is over the limit of {LINE_CHARACTERS:,} characters")
        return line

    def _read(self) -> str:
        """Read a line; one over the limit is cut behind it."""
        line = self._text.readline(LINE_CHARACTERS + 1)
        rest = line
        while len(rest) > LINE_CHARACTERS and not rest.endswith(("\n", "\r")):
            rest = self._text.readline(LINE_CHARACTERS + 1)
        return line

    def begin_row(self) -> None:
        """Forget the lines of the row before."""
        self._row.clear()

    def return_to_second(self) -> None:
        """Give all lines of this row again, except the first."""
        self._again.extendleft(reversed(self._row[1:]))
        self.number -= max(len(self._row) - 1, 0)


def _header(fields: Sequence[str], url: str) -> Sequence[str]:
    if not all(map(is_utf8, fields)):
        raise InputError(f"{url}: is not UTF-8; needed is a table with a header")
    twice = next((name for name in fields if fields.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{url}: the header names column {twice!r} twice")
    return fields


def _fits(fields: Sequence[str], header: Sequence[str], place: str, rejections: Rejections) -> bool:
    """Return whether a row has a field for each column; else it is rejected."""
    if len(fields) != len(header):
        if all(map(is_utf8, fields)):
            message = f"{place}: got {len(fields)} fields; the header has {len(header)}"
            rejections.add(FailureReason.MALFORMED, message)
        else:
            rejections.add(FailureReason.UNDECODABLE, f"{place}: is not UTF-8")
    return len(fields) == len(header)


def no_column(place: str, column: str, columns: Collection[str], field: str = "") -> InputError:
    """Make the error that lists the columns there are, and the one that was perhaps meant.

    Parameters
    ----------
    place
        Table, for the message.
    column
        Column that is absent.
    columns
        Columns of the table.
    field
        Field of the spec that names another one; empty for none.

    Returns
    -------
    InputError
        Error to raise.
    """
    near = get_close_matches(column, columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    told = f"{place}: there is no column {column!r}{hint} Found: {', '.join(map(repr, columns))}."
    return InputError(f"{told} {field} names the one to read." if field else told)
