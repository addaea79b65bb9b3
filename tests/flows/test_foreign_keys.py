"""Foreign keys of the tables hold on finished runs, counted by SQL."""

import pytest
from every import every
from opaque_runs import SCORED
from selected_runs import BASE, finished
from tiny_benchmark import merged

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


SELECTED = merged(BASE, {"selection": {"methods": ["smdl", "counterfactual", "fade", "ranks"]}})
WHITE_BOX = {
    "model": {"name": "plugin", "factory": "gated_plugin:make", "device": "cpu"},
    "estimators": ["banzhaf", "grad_cam"],
}
OTHERS = {
    "scores of a scorer": (SCORED, {"fits", "interactions"}),
    "selections": (SELECTED, {"selections", "selection_curves", "rank_effects"}),
    "white box": (WHITE_BOX | {"faithfulness": {"sample": 0}}, {"effects", "item_fits", "margin_effects"}),
    "second order": (
        {"estimation": {"within_cells": 9, "three_way_cells": 9}, "faithfulness": {"sample": 0}},
        {"within_interactions", "three_way_interactions"},
    ),
}


@pytest.mark.parametrize("kind", OTHERS)
def test_foreign_keys_hold_on_runs_of_other_kinds(benchmark, tmp_path, monkeypatch, kind):
    monkeypatch.setenv("ILIME_PLUGINS", "planted_plugin,gated_plugin,planted_scorer")
    changes, filled = OTHERS[kind]
    run = finished(benchmark.spec(tmp_path, **changes))
    assert every(run.table(name).num_rows for name in filled)
    with Database(run) as opened:
        for name, foreign in REFERENCES:
            assert n_dangling(opened, name, foreign) == 0, (name, foreign)
