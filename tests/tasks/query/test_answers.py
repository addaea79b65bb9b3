import csv
import datetime as dt
import io
import json

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


def test_parquet_is_read_back():
    assert pq.read_table(io.BytesIO(written("parquet"))).equals(ROWS)


def test_the_command_offers_every_format():
    from flows.commands.query import FORMATS as OFFERED

    assert {*OFFERED} == {"table", *FORMATS}


def test_numbers_are_known_by_their_type():
    assert are_numbers(ROWS.to_reader()) == [False, True, True, False, False]


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (dt.date(2026, 1, 2), "2026-01-02"),
        ({"a": (b"\x00",)}, {"a": ["AA=="]}),
        (None, None),
    ],
)
def test_values_are_those_of_json(value, plain):
    assert plain_value(value) == plain
