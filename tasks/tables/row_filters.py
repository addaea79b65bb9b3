"""Filters on the rows of a table."""

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

__all__ = ["among"]


def among(column: str, names: Iterable[str]) -> pc.Expression:
    """Condition that a column of text holds one of some names.

    Parameters
    ----------
    column
        Name of the column.
    names
        Accepted values; none accept no row.

    Returns
    -------
    pyarrow.compute.Expression
        Filter for a reader.
    """
    return pc.field(column).isin(pa.array(sorted(set(names)), pa.string()))
