"""Answers of SQL written as CSV, JSON, Markdown or Parquet, batch by batch."""

import base64
import csv
import io
import json
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from itertools import chain
from math import isfinite
from typing import BinaryIO, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from ilime_core.printable import printable

__all__ = ["FORMATS", "Answer", "are_numbers", "plain_value", "write_answer"]

Answer: TypeAlias = pa.RecordBatchReader
"""Rows of an answer, read as they are used."""

_MARKUP = re.compile(r"[\\|<&`*~]|(?<=\])\(|(?<!\w)_|_(?!\w)")
"""Characters that would end or format a cell of Markdown, or make it HTML, a picture or a link."""


def plain_value(value: object) -> object:
    """Value as JSON has it: times in ISO 8601, bytes in base64.

    Parameters
    ----------
    value
        Value of a cell as Python has it.

    Returns
    -------
    object
        A string, number, list or mapping, or None.
    """
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):  # sums of integers, too
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    if isinstance(value, list | tuple):
        return [plain_value(one) for one in value]
    if isinstance(value, dict):
        return {str(name): plain_value(one) for name, one in value.items()}
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def are_numbers(answer: Answer) -> list[bool]:
    """Which columns hold numbers, in order."""
    known = (pa.types.is_floating, pa.types.is_integer, pa.types.is_decimal)
    return [any(holds(one.type) for holds in known) for one in answer.schema]


def _rows(answer: Answer) -> Iterator[list[object]]:
    for batch in answer:
        columns = [[plain_value(value) for value in column.to_pylist()] for column in batch.columns]
        yield from map(list, zip(*columns, strict=True))


def _cells(row: Iterable[object]) -> list[object]:
    """Values of a text format: nested ones as JSON, NULL as nothing."""
    return [json.dumps(one, ensure_ascii=False) if isinstance(one, list | dict) else one for one in row]


def _write_csv(answer: Answer, stream: BinaryIO) -> None:
    text = io.TextIOWrapper(stream, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(answer.schema.names)
    writer.writerows(map(_cells, _rows(answer)))
    text.detach()  # the stream stays open


def _finite(value: object) -> object:
    """Value with None for NaN and infinities, which JSON has not."""
    if isinstance(value, float):
        return value if isfinite(value) else None
    if isinstance(value, list):
        return [_finite(one) for one in value]
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    return value


def _write_json(answer: Answer, stream: BinaryIO) -> None:
    before = b"[\n"
    for row in _rows(answer):
        values = map(_finite, row)
        line = json.dumps(
            dict(zip(answer.schema.names, values, strict=True)), ensure_ascii=False, allow_nan=False
        )
        stream.write(before + line.encode())
        before = b",\n"
    stream.write(b"[]\n" if before == b"[\n" else b"\n]\n")


def _write_markdown(answer: Answer, stream: BinaryIO) -> None:
    names = answer.schema.names
    stream.writelines(
        f"| {' | '.join(map(_markdown_cell, cells))} |\n".encode()
        for cells in chain((names, ["---"] * len(names)), map(_cells, _rows(answer)))
    )


def _markdown_cell(value: object) -> str:
    if value is None:
        return ""
    text = f"{value:.4g}" if isinstance(value, float) else printable(" ".join(str(value).split()))
    return _MARKUP.sub(r"\\\g<0>", text)


def _write_parquet(answer: Answer, stream: BinaryIO) -> None:
    with pq.ParquetWriter(pa.PythonFile(stream, "w"), answer.schema, compression="zstd") as writer:
        for batch in answer:
            writer.write_batch(batch)


_WRITERS = {"csv": _write_csv, "json": _write_json, "markdown": _write_markdown, "parquet": _write_parquet}

FORMATS = tuple(_WRITERS)
"""Forms of an answer that programs read."""


def write_answer(answer: Answer, form: str, stream: BinaryIO) -> None:
    """Write all rows of an answer.

    Parameters
    ----------
    answer
        Rows, read as they are written.
    form
        One of ``FORMATS``.
    stream
        Where to; it stays open.
    """
    _WRITERS[form](answer, stream)
