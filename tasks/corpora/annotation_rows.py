"""Annotations in a CSV or TSV table, row by row."""

import csv
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from ilime_core.errors import InputError
from tasks.corpora.annotation_file import AnnotationFile, numbered_lines

__all__ = ["Row", "csv_rows", "no_column", "tsv_rows"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a table with a header."""

    values: Mapping[str, str]
    place: str
    """Like ``/data/captions.csv, line 3``: the line on which the row ends."""

    def text(self, column: str) -> str:
        """Value of a column that must be there."""
        if column not in self.values:
            raise no_column(self.place, column, self.values)
        return self.values[column]


def csv_rows(file: AnnotationFile) -> Iterator[Row]:
    """Read the rows below the header; blank lines are passed over.

    Raises
    ------
    InputError
        If the file is empty or not UTF-8, a column stands twice in the header, a row has another number of
        fields, or a field more than `csv.field_size_limit` characters.
    """
    with file.text() as text:
        reader = csv.reader(text, strict=True)
        try:
            header = next(reader, None)
            if header is None:
                raise InputError(f"{file.url}: is empty; needed is a table with a header")
            twice = next((name for name in header if header.count(name) > 1), None)
            if twice is not None:
                raise InputError(f"{file.url}: the header names column {twice!r} twice")
            for fields in reader:
                if not fields:
                    continue
                place = f"{file.url}, line {reader.line_num}"
                if len(fields) != len(header):
                    raise InputError(f"{place}: got {len(fields)} fields; the header has {len(header)}")
                yield Row(dict(zip(header, fields, strict=True)), place)
        except csv.Error as error:
            raise InputError(f"{file.url}, line {reader.line_num}: no valid CSV ({error})") from error


def tsv_rows(file: AnnotationFile) -> Iterator[Row]:
    """Read the rows below the header of a table with a tab between fields, in which quotes mean nothing.

    Raises
    ------
    InputError
        If the file is empty or not UTF-8, a column stands twice in the header, or a row has another number of
        fields.
    """
    header: list[str] = []
    for place, line in numbered_lines(file):
        fields = line.split("\t")
        if not header:
            header = fields
            twice = next((name for name in header if header.count(name) > 1), None)
            if twice is not None:
                raise InputError(f"{file.url}: the header names column {twice!r} twice")
        elif len(fields) != len(header):
            raise InputError(f"{place}: got {len(fields)} fields; the header has {len(header)}")
        else:
            yield Row(dict(zip(header, fields, strict=True)), place)
    if not header:
        raise InputError(f"{file.url}: is empty; needed is a table with a header")


def no_column(place: str, column: str, columns: Collection[str]) -> InputError:
    """Make the error that lists the columns there are, and the one that was perhaps meant."""
    near = get_close_matches(column, columns, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    return InputError(f"{place}: there is no column {column!r}{hint} Found: {', '.join(map(repr, columns))}.")
