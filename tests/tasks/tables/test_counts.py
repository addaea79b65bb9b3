"""Counts add up and give rows; their columns are those of the tables."""

from dataclasses import fields, replace

import pytest

from tasks.tables import TABLES
from tasks.tables.counts import Counts

NAMES = [field.name for field in fields(Counts)]
ONE = Counts(*range(1, 1 + len(NAMES)))


@pytest.mark.parametrize("name", NAMES)
def test_every_count_is_added(name):
    assert getattr(ONE + replace(Counts(), **{name: 40}), name) == getattr(ONE, name) + 40
    assert sum([ONE, ONE, Counts()], Counts()).as_row()[name] == 2 * ONE.as_row()[name]


def test_a_row_has_every_count_by_name():
    assert Counts(1, 2, 3, 4, 5, 6, 7.5, 8.5).as_row() == {
        "image_encodes": 1, "text_encodes": 2, "scores": 3, "image_encodes_reused": 4,
        "text_encodes_reused": 5, "failed": 6, "seconds": 7.5, "encoder_seconds": 8.5,
    }  # fmt: skip


def test_sums_over_modalities_and_what_is_work():
    counts = Counts(1, 2, 4, 8, 16, 32, 64.0, 128.0)
    assert (counts.encodes, counts.reused) == (3, 24)
    assert counts.work == {"image_encodes": 1, "text_encodes": 2, "scores": 4}


def test_work_has_a_column_of_its_own_in_runs_and_executions():
    for table in ("runs", "executions"):
        assert set(Counts().work) <= {column.name for column in TABLES[table].columns}
        assert set(Counts().work) <= TABLES[table].volatile
