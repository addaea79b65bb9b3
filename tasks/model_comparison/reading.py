"""Stored comparisons read as one table."""

import re
from io import BytesIO

import pyarrow as pa

from ilime_core.errors import InputError
from tasks.run_files.parts import empty_table, read_part
from tasks.storage.storage import Storage
from tasks.tables.comparisons import COMPARISONS, STORED_COMPARISONS

__all__ = ["read_comparisons"]

_KEY = re.compile(rf"{COMPARISONS.name}/run_a=(?P<a>[^/]+)/run_b=(?P<b>[^/]+)/[^/]+\.parquet")


def read_comparisons(out: str = "") -> pa.Table:
    """Read all comparisons of an output.

    Parameters
    ----------
    out
        Folder or URL that they were written to; empty for a table without rows.

    Returns
    -------
    pyarrow.Table
        Columns ``run_a`` and ``run_b``, then those of the table ``comparisons``.

    Raises
    ------
    InputError
        If there is none.
    StorageError
        If one cannot be read.
    """
    found = [empty_table(STORED_COMPARISONS)]
    if out:
        storage = Storage(out)
        for file in storage.list(f"{COMPARISONS.name}/"):
            runs = _KEY.fullmatch(file.key)
            if runs is not None:
                rows = read_part(BytesIO(storage.read_bytes(file.key)), COMPARISONS)
                found.append(_named(rows, runs["a"], runs["b"]))
        if len(found) == 1:
            raise InputError(
                f"{out}: holds no comparison; `ilime compare RUN_A RUN_B --out {out}` writes one"
            )
    return pa.concat_tables(found)


def _named(rows: pa.Table, run_a: str, run_b: str) -> pa.Table:
    names = [pa.array([run] * rows.num_rows, pa.string()) for run in (run_a, run_b)]
    return pa.table([*names, *rows.columns], schema=STORED_COMPARISONS.schema)
