"""Stored comparisons: one file for each two runs, readable by any reader of Parquet.

Proves tasks.model_comparison.stored, tasks.tables.comparisons.
"""

import duckdb
import pyarrow.parquet as pq
import pytest

from ilime_core.errors import InputError
from tasks.model_comparison.compare import compare_runs
from tasks.model_comparison.stored import comparison_key, store_comparison
from tasks.tables import TABLES
from tasks.tables.comparisons import COMPARISONS


def test_the_file_holds_the_rows_with_their_meanings_and_is_replaced(compared, tmp_path):
    place = store_comparison(compared, str(tmp_path))
    assert store_comparison(compared, str(tmp_path)) == place
    [file] = tmp_path.rglob("*.parquet")
    assert str(file) == place
    assert file.relative_to(tmp_path).as_posix() == comparison_key(
        compared.a.run_id, compared.b.run_id, "banzhaf"
    )
    table = pq.read_table(file, partitioning=None)
    assert table.num_rows == compared.rows.num_rows
    assert (
        table.schema.field("low").metadata[b"meaning"]
        == b"lower end of the 95 % interval of difference or value"
    )


def test_sql_reads_all_comparisons_with_their_runs(before, compared, tmp_path):
    for found in (compared, compare_runs(before, before)):
        store_comparison(found, str(tmp_path))
    pattern = f"{tmp_path}/comparisons/*/*/*.parquet"
    rows = duckdb.sql(
        f"SELECT run_a, run_b, value FROM read_parquet('{pattern}', hive_partitioning = true) "
        "WHERE level = 'benchmark' AND quantity = 'correlation' ORDER BY value"
    ).fetchall()
    assert [row[:2] for row in rows] == [(compared.a.run_id, compared.b.run_id), (before.run_id,) * 2]
    assert rows[0][2] < rows[1][2] == pytest.approx(1.0)


def test_it_is_the_table_of_no_stage():
    assert COMPARISONS.name not in TABLES
    assert COMPARISONS.schema.metadata[b"ilime.table"] == b"comparisons"


def test_a_place_that_cannot_be_is_refused(compared):
    with pytest.raises(InputError):
        store_comparison(compared, "ftp://host/folder")
