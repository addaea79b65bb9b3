"""Foreign keys of the tables hold on finished runs, counted by SQL."""

import pytest

from tasks.query.database import Database
from tasks.tables import TABLES

REFERENCES = [(table.name, one) for table in TABLES.values() for one in table.references]


def n_dangling(database, name, reference):
    """Rows whose foreign key has no NULL and no row that it names."""
    pairs = list(zip(reference.columns, TABLES[reference.table].key, strict=True))
    equal = " AND ".join(f"a.{column} = b.{key}" for column, key in pairs)
    given = " AND ".join(f"a.{column} IS NOT NULL" for column, _ in pairs)
    sql = f"FROM {name} a WHERE {given} AND NOT EXISTS (FROM {reference.table} b WHERE {equal})"
    return database.query(f"SELECT count(*) AS n {sql}").read_all()["n"][0].as_py()


@pytest.fixture(scope="module")
def database(reference):
    with Database(reference) as opened:
        yield opened


@pytest.mark.parametrize(
    ("name", "foreign"), REFERENCES, ids=[f"{name}-{'-'.join(one.columns)}" for name, one in REFERENCES]
)
def test_every_foreign_key_names_a_row(database, name, foreign):
    assert n_dangling(database, name, foreign) == 0


def test_a_key_of_another_table_would_be_counted(database):
    from tasks.tables.columns import Reference

    wrong = Reference(("item_id",), "pairs")
    assert n_dangling(database, "segments", wrong) > 10


def test_the_run_has_rows_for_most_foreign_keys(reference):
    filled = [name for name, _ in REFERENCES if reference.table(name).num_rows]
    assert {"interactions", "margin_effects", "effects", "global_loadings", "curves"} <= set(filled)
