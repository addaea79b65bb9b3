"""Every table of a finished run is read in full, by a plain glob, in what analysts read Parquet with."""

import math
from pathlib import Path

import pyarrow.dataset as ds
import pytest

from tasks.tables import TABLES


def read_by_duckdb(folder: Path) -> list[dict]:
    import duckdb

    found = duckdb.connect().execute(f"SELECT * FROM read_parquet('{folder}/*.parquet')")
    names = [column[0] for column in found.description]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def read_by_polars(folder: Path) -> list[dict]:
    import polars as pl

    return pl.read_parquet(f"{folder}/*.parquet", hive_partitioning=True).to_dicts()


def read_by_pandas(folder: Path) -> list[dict]:
    import pandas as pd

    return pd.read_parquet(folder, dtype_backend="pyarrow").to_dict("records")


def read_by_pyarrow(folder: Path) -> list[dict]:
    return ds.dataset(folder, partitioning="hive").to_table().to_pylist()


READERS = {
    "duckdb": read_by_duckdb,
    "polars": read_by_polars,
    "pandas": read_by_pandas,
    "pyarrow": read_by_pyarrow,
}


def plain(value: object) -> object:
    """A value as every reader has it: NaN is NULL, arrays are lists, times are naive."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if hasattr(value, "tolist"):
        value = value.tolist()
    if isinstance(value, list):
        return [plain(one) for one in value]
    return value.isoformat()[:19] if hasattr(value, "isoformat") else value


@pytest.mark.parametrize("reader", READERS)
def test_every_table_of_a_finished_run_is_read_in_full(reader, reference):
    pytest.importorskip(reader)
    for name, spec in TABLES.items():
        folder = Path(reference.root) / name / f"run_id={reference.run_id}"
        rows = READERS[reader](folder)
        ours = reference.table(name).to_pylist()
        key = list(spec.key)

        def ordered(found, key=key):
            return sorted(found, key=lambda row: str([row[column] for column in key]))

        for theirs, own in zip(ordered(rows), ordered(ours), strict=True):
            for column in own:
                assert plain(theirs[column]) == plain(own[column]), f"{name}.{column}"
