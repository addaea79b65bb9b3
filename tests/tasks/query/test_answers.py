import csv
import datetime as dt
import io
import json
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tasks.query.answers import FORMATS, are_numbers, plain_value, write_answer

ROWS = pa.table(
    {
        "word": ['a "cat", |\nfluffy', None],
        "n": pa.array([1, 2], pa.int32()),
        "weight": pa.array([0.25, None], pa.float32()),
        "vector": [[0.5, 1.5], []],
        "mask": [b"\xff", None],
    }
)


def written(form, table=ROWS):
    stream = io.BytesIO()
    write_answer(table.to_reader(), form, stream)
    assert not stream.closed
    return stream.getvalue()


def test_csv_is_read_back():
    rows = list(csv.DictReader(io.StringIO(written("csv").decode(), newline="")))
    assert rows[0] == {
        "word": 'a "cat", |\nfluffy',
        "n": "1",
        "weight": "0.25",
        "vector": "[0.5, 1.5]",
        "mask": "/w==",
    }
    assert rows[1] == {"word": "", "n": "2", "weight": "", "vector": "[]", "mask": ""}


def test_json_is_read_back():
    assert json.loads(written("json"))[0]["vector"] == [0.5, 1.5]
    assert json.loads(written("json", ROWS.slice(0, 0))) == []


def test_a_row_of_markdown_is_one_line():
    lines = written("markdown").decode().splitlines()
    assert lines[1] == "| --- | --- | --- | --- | --- |"
    assert lines[2] == '| a "cat", \\| fluffy | 1 | 0.25 | [0.5, 1.5] | /w== |'


@pytest.mark.parametrize(
    ("caption", "cell"),
    [
        ("a\\|b", "a\\\\\\|b"),
        ("<img src=x> &lt;", "\\<img src=x> \\&lt;"),
        ("![x](http://y/z)", "![x]\\(http://y/z)"),
        ("*so* `it` ~~is~~ _so_", "\\*so\\* \\`it\\` \\~\\~is\\~\\~ \\_so\\_"),
        ("\x1b[31mred\u202e", "\ufffd[31mred\ufffd"),
        ("word_number [0.5, 1]", "word_number [0.5, 1]"),
    ],
)
def test_a_caption_is_no_markup_of_markdown(caption, cell):
    lines = written("markdown", pa.table({"caption": [caption]})).decode().splitlines()
    assert lines[2] == f"| {cell} |"


@pytest.mark.parametrize("form", ["csv", "json", "markdown"])
def test_rows_are_written_as_they_are_read(form):
    """Nothing of an answer is kept: the second batch is asked for when the first has been written."""
    stream = io.BytesIO()
    seen = []

    def batches():
        for number in range(3):
            seen.append(len(stream.getvalue()))
            yield pa.RecordBatch.from_pydict({"n": [number] * 2000})

    write_answer(pa.RecordBatchReader.from_batches(pa.schema({"n": pa.int64()}), batches()), form, stream)
    assert seen[0] < seen[1] < seen[2]


def test_json_has_no_nan():
    table = pa.table({"x": [float("nan")], "y": [float("-inf")], "z": [[0.5, float("nan")]]})
    [row] = json.loads(written("json", table), parse_constant=pytest.fail)
    assert row == {"x": None, "y": None, "z": [0.5, None]}


def test_parquet_is_read_back():
    assert pq.read_table(io.BytesIO(written("parquet"))).equals(ROWS)


def test_the_command_offers_every_format():
    from flows.commands.query import FORMATS as OFFERED

    assert {*OFFERED} == {"table", *FORMATS}


def test_numbers_are_known_by_their_type():
    assert are_numbers(ROWS.to_reader()) == [False, True, True, False, False]
    sums = pa.table({"n": pa.array([Decimal(1)], pa.decimal128(38, 0))})
    assert are_numbers(sums.to_reader()) == [True]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (dt.date(2026, 1, 2), "2026-01-02"),
        ({"a": (b"\x00",)}, {"a": ["AA=="]}),
        (None, None),
        (Decimal(4680), 4680),
        ([Decimal("1.50")], [1.5]),
    ],
)
def test_values_are_those_of_json(value, plain):
    assert plain_value(value) == plain
