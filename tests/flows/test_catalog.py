"""The catalog of a run, opened by programs that know nothing of ilime.

Proves flows.commands.catalog, flows.actions.catalog, tasks.query.catalog.writing,
tasks.query.catalog.statements, tasks.query.catalog.data_package, tasks.query.catalog.dictionary,
tasks.run_files.catalog_files.
"""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from every import every

from tasks.query.catalog.statements import sql_type
from tasks.query.database import Database
from tasks.query.registry import RELATIONS
from tasks.run_files.catalog_files import CATALOG_FILES
from tasks.run_files.pruning import remove_run
from tasks.runs.run import open_run
from tasks.runs.verify import verify_run
from tasks.storage.storage import Storage
from tasks.tables import TABLES

PLAIN = """
import json, sys
import duckdb
database, folder = sys.argv[1:]
connection = duckdb.connect(database, read_only=True)
if folder:
    connection.execute(f"SET file_search_path = '{folder}'")
views = connection.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()
names = [row[0] for row in views]
counts = {name: len(connection.execute(f'FROM "{name}"').fetchall()) for name in names}
assert not [name for name in sys.modules if name.partition(".")[0] in ("tasks", "flows", "ilime_core")]
print(json.dumps(counts))
"""


@pytest.fixture(scope="module")
def output(reference, tmp_path_factory):
    """A copy of the output in a folder of an odd name."""
    root = tmp_path_factory.mktemp("moved") / "it's [one] copy"
    shutil.copytree(reference.root, root)
    return root


@pytest.fixture(scope="module")
def written(output):
    done = subprocess.run(
        [Path(sys.executable).with_name("ilime"), "catalog", "latest", "--root", output],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [f"wrote {output}/{name}" for name in CATALOG_FILES]
    return output


@pytest.fixture(scope="module")
def counts(reference):
    with Database(reference) as database:
        return {name: database.query(f"FROM {name}").read_all().num_rows for name in RELATIONS}


def opened_by_plain_duckdb(database, cwd, folder=""):
    """Rows of every view, counted in a process of its own, from which ilime is out of reach."""
    done = subprocess.run(
        [sys.executable, "-I", "-c", PLAIN, database, folder],
        cwd=cwd, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_plain_duckdb_reads_every_table_and_view_in_full(written, counts):
    assert opened_by_plain_duckdb("catalog.duckdb", written) == counts
    assert counts["matches"] > 50


def test_the_search_path_opens_it_from_elsewhere(written, counts, tmp_path):
    folder = str(written).replace("'", "''")
    assert opened_by_plain_duckdb(written / "catalog.duckdb", tmp_path, folder) == counts


def test_the_statements_make_the_same_views(written, counts, tmp_path, monkeypatch):
    monkeypatch.chdir(written)
    text = Path("catalog.sql").read_text()
    with duckdb.connect(":memory:") as connection:
        connection.execute(text)
        assert {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0] for name in counts
        } == counts
    assert "--   SET VARIABLE low_r2 = 0.25;  -- trust: r2_cross below it says no" in text
    assert str(written) not in text


def test_elsewhere_paths_are_absolute(written, counts, tmp_path, call):
    status, out, err = call("catalog", "--root", written, "--out", tmp_path / "of mine")
    assert status == 0, err
    assert "datapackage.json" not in out
    assert opened_by_plain_duckdb(tmp_path / "of mine" / "catalog.duckdb", tmp_path) == counts


def test_thresholds_hold_in_a_session(written, reference, monkeypatch):
    monkeypatch.chdir(written)
    with duckdb.connect("catalog.duckdb", read_only=True) as connection:
        connection.execute("SET VARIABLE low_r2 = 2.0")
        assert connection.execute("SELECT DISTINCT verdict FROM trust").fetchall() == [("no",)]


def test_views_and_columns_have_comments(written, monkeypatch):
    monkeypatch.chdir(written)
    with duckdb.connect("catalog.duckdb", read_only=True) as connection:
        views = dict(
            connection.execute("SELECT view_name, comment FROM duckdb_views() WHERE NOT internal").fetchall()
        )
        columns = connection.execute(
            "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal"
        ).fetchall()
    assert views == {name: one.meaning for name, one in RELATIONS.items()}
    said = {(table, column): (kind, comment) for table, column, kind, comment in columns}
    assert said == {
        (name, column.name): (
            sql_type(column.type),
            f"{column.meaning} [{column.unit}]" if column.unit else column.meaning,
        )
        for name, one in RELATIONS.items()
        for column in one.columns
    }


@pytest.mark.parametrize("reader", ["polars", "pandas", "pyarrow"])
def test_views_reach_other_readers_through_arrow(written, counts, reader, monkeypatch):
    pytest.importorskip(reader)
    monkeypatch.chdir(written)
    with duckdb.connect("catalog.duckdb", read_only=True) as connection:
        for name in RELATIONS:
            rows = connection.sql(f'FROM "{name}"').to_arrow_table()
            assert rows.column_names == [column.name for column in RELATIONS[name].columns]
            if reader == "polars":
                import polars as pl

                assert pl.from_arrow(rows).height == counts[name]
            elif reader == "pandas":
                assert len(rows.to_pandas()) == counts[name]
            else:
                rows.validate(full=True)
                assert rows.num_rows == counts[name]


def test_the_dictionary_has_a_row_for_each_column(written):
    rows = pq.read_table(written / "_dictionary.parquet").to_pylist()
    assert [(row["table"], row["column"]) for row in rows] == [
        (name, column.name) for name, one in RELATIONS.items() for column in one.columns
    ]
    [key] = [row for row in rows if (row["table"], row["column"]) == ("segments", "item_id")]
    assert (key["key"], key["nullable"], key["is_view"], key["stage"]) == (True, False, False, "segment")
    [width] = [row for row in rows if (row["table"], row["column"]) == ("items", "width")]
    assert (width["type"], width["unit"], width["meaning"]) == ("int32", "px", "upright original")
    assert {row["stage"] for row in rows if row["is_view"]} == {None}


def test_the_data_package_has_keys_and_files(written, reference):
    package = json.loads((written / "datapackage.json").read_text())
    assert package["name"] == f"ilime-{reference.run_id}"
    resources = {one["name"]: one for one in package["resources"]}
    assert resources.keys() == TABLES.keys()
    for name, one in resources.items():
        assert one["schema"]["primaryKey"] == list(TABLES[name].key)
        paths = one["path"] if isinstance(one["path"], list) else [one["path"]]
        assert (
            sum(pq.read_metadata(written / path).num_rows for path in paths) == reference.table(name).num_rows
        )
        fields = {field["name"]: field["type"] for field in one["schema"]["fields"]}
        assert list(fields) == [column.name for column in TABLES[name].columns]
        for foreign in one["schema"]["foreignKeys"]:
            target = resources[foreign["reference"]["resource"]]
            assert foreign["reference"]["fields"] == target["schema"]["primaryKey"]
            assert set(foreign["fields"]) <= fields.keys()
    own_segment = {"resource": "segments", "fields": ["item_id", "segment"]}
    assert own_segment in [one["reference"] for one in resources["effects"]["schema"]["foreignKeys"]]


def test_the_data_package_follows_the_published_rules(written):
    """Of datapackage.org, version 2: names, paths that lead downward, types of fields, keys that exist."""
    package = json.loads((written / "datapackage.json").read_text())
    types = {"string", "number", "integer", "boolean", "object", "array", "datetime", "any"}
    assert package["resources"]
    for one in package["resources"]:
        assert set(one["name"]) <= set("abcdefghijklmnopqrstuvwxyz0123456789._-")
        for path in one["path"] if isinstance(one["path"], list) else [one["path"]]:
            assert not path.startswith("/")
            assert ".." not in path
            assert "://" not in path
        assert one["type"] == "table"
        names = [field["name"] for field in one["schema"]["fields"]]
        assert len(names) == len(set(names))
        assert {field["type"] for field in one["schema"]["fields"]} <= types
        assert set(one["schema"]["primaryKey"]) <= set(names)


def test_files_are_replaced_only_when_told(written, call):
    status, _, err = call("catalog", "--root", written)
    assert status == 2
    assert "--force replaces it" in err
    (written / "catalog.sql").write_text("mine")
    assert call("catalog", "--root", written, "--force")[0] == 0
    assert (written / "catalog.sql").read_text().startswith("-- ilime catalog of run r")


def test_verify_reads_a_run_beside_its_catalog_and_prune_removes_both(written, reference, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(written, root)
    storage = Storage(str(root))
    assert verify_run(storage, reference.run_id) == []
    package = json.loads((root / "datapackage.json").read_text())
    (root / "datapackage.json").write_text(json.dumps(package | {"name": "ilime-r0000000000000000"}))
    (root / "notes.txt").write_text("mine")
    remove_run(storage, reference.run_id)
    assert (root / "catalog.sql").exists()  # it is of another run


def test_prune_removes_the_catalog_of_its_run(written, reference, tmp_path):
    root = tmp_path / "copy"
    shutil.copytree(written, root)
    (root / "notes.txt").write_text("mine")
    remove_run(Storage(str(root)), reference.run_id)
    assert [path.name for path in root.iterdir() if path.is_file()] == ["notes.txt"]


def test_an_unfinished_run_has_no_catalog(written, reference, tmp_path, call):
    root = tmp_path / "copy"
    shutil.copytree(reference.root, root)
    shutil.rmtree(root / "_runs" / reference.run_id / "commits" / "finish")
    (root / "_runs" / reference.run_id / "records.jsonl").unlink(missing_ok=True)
    status, _, err = call("catalog", reference.run_id, "--root", root)
    assert status == 2
    assert "not finished" in err
    assert not (root / "catalog.sql").exists()


def test_types_of_columns_have_a_name_in_sql():
    assert sql_type(pa.list_(pa.float32())) == "FLOAT[]"
    assert sql_type(pa.timestamp("us", tz="UTC")) == "TIMESTAMP WITH TIME ZONE"
    for table in TABLES.values():
        assert every(sql_type(column.type) for column in table.columns)


def test_a_run_of_an_older_schema_lacks_columns_and_tables(reference, monkeypatch):
    """Columns that its files do not have are NULL."""
    from tasks.query.catalog.statements import catalog_statements

    monkeypatch.setattr("tasks.query.part_files.SCHEMA_VERSION", "4.99")
    text = catalog_statements(open_run(reference.root, reference.run_id), beside=False)
    assert text.count("UNION ALL BY NAME FROM read_parquet(") == len(TABLES)
    with duckdb.connect(":memory:") as connection:
        connection.execute(text)
        found = connection.execute("SELECT count(*), count(score) FROM pairs").fetchone()
    assert found == (reference.table("pairs").num_rows,) * 2
