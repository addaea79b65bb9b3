"""The registry of views, and the connection that has them beside the tables.

Proves tasks.query.database, tasks.query.registry, tasks.query.view, tasks.query.views.model_delta,
tasks.model_comparison.reading.
"""

from dataclasses import replace

import pyarrow as pa
import pytest

from ilime_core.errors import InputError
from tasks.model_comparison.stored import comparison_key
from tasks.query.database import Database
from tasks.query.registry import VIEWS
from tasks.run_files.commit_records import commit_bytes, parse_commit, sealed
from tasks.run_files.damage import DamageError
from tasks.run_files.naming import commit_key
from tasks.run_files.parts import part_bytes
from tasks.run_files.schema_check import SchemaError
from tasks.runs.run import open_run
from tasks.storage.storage import Storage
from tasks.tables import TABLES
from tasks.tables.comparisons import COMPARISONS


def answer(database, sql):
    return database.query(sql).read_all().to_pylist()


def test_every_table_has_its_rows_columns_and_types(run):
    with Database(run) as database:
        for name, spec in TABLES.items():
            found = database.query(f"FROM {name}").read_all()
            assert found.num_rows == run.table(name).num_rows, name
            assert found.column_names == [column.name for column in spec.columns]
            described = {
                row["column_name"]: row["column_type"] for row in answer(database, f"DESCRIBE {name}")
            }
            assert (name != "interactions") or described["weight"] == "FLOAT"


def test_every_view_has_the_columns_that_it_describes(run):
    with Database(run) as database:
        for name, view in VIEWS.items():
            found = database.query(f"FROM {name}").read_all()
            assert found.column_names == [column.name for column in view.columns], name


def test_all_runs_have_their_rows_under_their_id(run, other):
    with Database(run, [run, other]) as database:
        counts = "SELECT run_id, count(*) AS n FROM all_runs.pairs GROUP BY ALL ORDER BY ALL"
        n = run.table("pairs").num_rows
        assert answer(database, counts) == [
            {"run_id": run.run_id, "n": n},
            {"run_id": other.run_id, "n": n - 1},
        ]
        assert answer(database, "SELECT count(*) AS n FROM pairs") == [{"n": n}]


@pytest.mark.parametrize(
    "sql",
    [
        "FROM read_csv('/etc/hostname')",
        "FROM '/etc/hostname'",
        "FROM read_text('/etc/hostname')",
        "FROM glob('/etc/*')",
        "FROM read_parquet('ilime://../../etc/hostname')",
        "FROM read_parquet('ilime://secrets/run_id=x/part-000000.parquet')",
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "COPY (SELECT 1) TO 'ilime://pairs/run_id=x/x.parquet'",
        "ATTACH '/tmp/x.duckdb'",
        "SET enable_external_access = true",
        "SET allowed_directories = ['/']",
        "INSTALL httpfs",
        "LOAD httpfs",
        "DROP VIEW pairs",
        "CREATE TABLE x AS SELECT 1",
        "SELECT 1; SELECT 2",
        "FROM hidden",
    ],
)
def test_nothing_else_can_be_read_and_nothing_written(run, sql):
    hidden = [1]  # noqa: F841 - a variable of Python is no table
    with Database(run) as database, pytest.raises(InputError):
        answer(database, sql)


def test_wrong_sql_is_explained_in_one_line(run):
    with Database(run) as database, pytest.raises(InputError, match="wat") as caught:
        answer(database, "SELECT\n wat\nFROM pairs")
    assert "\n" not in str(caught.value)


def test_an_unknown_table_is_answered_with_the_nearest_name(run):
    with (
        Database(run) as database,
        pytest.raises(InputError, match=r"'matces'; did you mean 'matches'.*--tables"),
    ):
        answer(database, "FROM matces")


def test_a_damaged_part_is_named_and_no_row_of_it_is_answered(run, store):
    [part] = [file.key for file in store.list("factors/") if file.key.endswith(".parquet")][:1]
    data = store.read_bytes(part)
    store.write(part, data[:100] + bytes([data[100] ^ 1]) + data[101:])
    with Database(run) as database:
        with pytest.raises(DamageError, match="factors"):
            answer(database, "SELECT sum(energy) FROM factors")
        assert answer(database, "SELECT count(*) AS n FROM runs") == [{"n": 1}]


def test_a_missing_part_is_named(run, store):
    [part] = [file.key for file in store.list("factors/") if file.key.endswith(".parquet")][:1]
    store.delete(part)
    with Database(run) as database, pytest.raises(DamageError, match="factors"):
        answer(database, "FROM factors")


def test_an_unfinished_run_is_refused(run, store):
    store.delete(commit_key(run.run_id, "finish", 0))
    with pytest.raises(InputError, match="not finished"):
        Database(open_run(store.url, run.run_id))


def test_tables_of_an_object_store(s3_storage, small, commit_run):
    commit_run(s3_storage, "r000000000000000a", small, 2)
    run = open_run(s3_storage.url, "latest")
    with Database(run) as database:
        assert answer(database, "SELECT count(*) AS n FROM interactions") == [
            {"n": len(small["interactions"])}
        ]


def test_comparisons_of_a_folder_and_names_in_the_view(run, tmp_path):
    [pair] = run.table("pairs").slice(0, 1).to_pylist()
    rows = [
        {"level": "pair", "name": pair["pair_id"], "quantity": "rank", "value_a": 3.0, "value_b": 1.0},
        {"level": "word", "name": "red", "quantity": "mass_share", "difference": -0.2},
    ]
    rows = [row | {"side": "both", "segment": -1, "estimator": "banzhaf"} for row in rows]
    table = pa.Table.from_pylist(rows, schema=COMPARISONS.schema)
    key = comparison_key("ra", "rb", "banzhaf")
    Storage(str(tmp_path / "out")).write(key, part_bytes(table, COMPARISONS))
    with Database(run, comparisons=str(tmp_path / "out")) as database:
        [word] = answer(database, "FROM model_delta WHERE level = 'word'")
        [ranked] = answer(database, "FROM model_delta WHERE level = 'pair'")
        [named] = answer(database, f"FROM named_pairs WHERE pair_id = '{pair['pair_id']}'")
    assert (word["run_a"], word["run_b"], word["name"], word["difference"]) == ("ra", "rb", "red", -0.2)
    assert ranked["name"] == (f"{named['file']}: {named['caption']}" if named["file"] else pair["pair_id"])
    with Database(run) as database:
        assert answer(database, "FROM model_delta") == []
    with pytest.raises(InputError, match="ilime compare"):
        Database(run, comparisons=str(tmp_path / "empty"))


def test_columns_of_one_name_are_numbered(run):
    with Database(run) as database:
        assert answer(database, "SELECT 1 AS a, 2 AS a, 3 AS a_1, 4 AS a") == [
            {"a": 1, "a_2": 2, "a_1": 3, "a_3": 4}
        ]


def test_a_path_that_is_no_table_is_explained_without_a_traceback(run):
    with Database(run) as database, pytest.raises(InputError) as caught:
        answer(database, "FROM read_csv('ilime://../../etc/hostname')")
    assert "no such file" in str(caught.value)
    assert "Traceback" not in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_threshold_is_finite(run, value):
    with pytest.raises(InputError, match="a threshold is a finite number"):
        Database(run, thresholds={"low_r2": value})


@pytest.fixture
def one_pair(small, store, commit_run):
    """Commit one pair of an image and a text after changes of its rows; the opened run."""

    def commit(**changes):
        left = next(row for row in small["items"] if row["modality"] == "image")
        right = next(row for row in small["items"] if row["modality"] == "text")
        pair = small["pairs"][0] | {"left_id": left["item_id"], "right_id": right["item_id"]}
        fit = small["fits"][0] | {
            "pair_id": pair["pair_id"],
            "estimator": "banzhaf",
            "share_certain": 0.5,
            "split_half_error": 0.1,
        }
        view = small["views"][0] | {"seen": 1.0}
        changed = {
            "items": [left | changes.get("image", {}), right],
            "pairs": [pair],
            "fits": [fit | changes.get("fit", {})],
            "views": [view | {"item_id": item} for item in (left["item_id"], right["item_id"])],
            "segments": [],
            "runs": [small["runs"][0] | {"estimator": "banzhaf"}],
        }
        commit_run(store, "r000000000000000a", small | changed, 1)
        return open_run(store.url, "latest")

    return commit


@pytest.mark.parametrize(("member", "name"), [("7.png", "all.tar/7.png"), (None, "all.tar")])
def test_members_of_an_archive_have_names_of_their_own(one_pair, member, name):
    with Database(one_pair(image={"text": None, "uri": "all.tar", "uri_member": member})) as database:
        assert [row["file"] for row in answer(database, "FROM named_pairs")] == [name]


@pytest.mark.parametrize(
    ("known", "fresh", "verdict"), [(None, 0.1, "no"), (None, 0.9, "usable"), (0.9, 0.1, "usable")]
)
def test_fresh_masks_judge_a_fit_that_has_no_r2_of_its_own(one_pair, known, fresh, verdict):
    with Database(one_pair(fit={"r2_cross": known, "r2_cross_held_out": fresh})) as database:
        assert [row["verdict"] for row in answer(database, "FROM trust")] == [verdict]


def test_all_runs_leave_out_those_of_another_schema(run, other):
    storage = other.storage
    for key in [file.key for file in storage.list(f"_runs/{other.run_id}/commits/")]:
        record = parse_commit(storage.read_bytes(key), key)
        storage.delete(key)
        storage.create(key, commit_bytes(sealed(replace(record, versions={"tables": "1.0"}))))
    n = run.table("pairs").num_rows
    with Database(run, [run, other]) as database:
        assert database.left_out == [other.run_id]
        counts = "SELECT run_id, count(*) AS n FROM all_runs.pairs GROUP BY ALL"
        assert answer(database, counts) == [{"run_id": run.run_id, "n": n}]
    with pytest.raises(SchemaError, match=other.run_id):
        Database(other, [run, other])
