"""Filters: rows whose column holds one of the names."""

import pyarrow as pa
import pytest

from tasks.tables.row_filters import among


@pytest.mark.parametrize(("names", "kept"), [(["c", "a", "c"], [0, 2]), ([], []), (["d"], [])])
def test_rows_of_the_names_are_kept(names, kept):
    rows = pa.table({"name": ["a", "b", "c", None], "n": [0, 1, 2, 3]})
    assert rows.filter(among("name", names))["n"].to_pylist() == kept
