"""Columns of tables as arrays, and rows grouped by a key; without torch."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pyarrow as pa
from jaxtyping import Float

__all__ = ["grouped", "item_runs", "matrix"]


def matrix(column: pa.ChunkedArray) -> Float[np.ndarray, "rows dim"]:
    """A column of equally long float lists as a matrix in single precision."""
    flat = pa.concat_arrays([chunk.flatten() for chunk in column.chunks]).to_numpy(zero_copy_only=False)
    return flat.reshape(len(column), -1).astype(np.float32)


def grouped(table: pa.Table, by: Sequence[str], then: Sequence[str] = ()) -> dict[tuple[str, ...], pa.Table]:
    """Rows of each key, in the order of further columns.

    Parameters
    ----------
    table
        Rows in any order.
    by
        Columns of the key.
    then
        Columns whose order holds within a key; those that the table lacks are skipped.

    Returns
    -------
    dict of tuple to pa.Table
        Rows by their values in ``by``.
    """
    order = [*by, *(name for name in then if name in table.column_names)]
    ordered = table.sort_by([(name, "ascending") for name in order]).combine_chunks()
    keys = [ordered[name].to_numpy(zero_copy_only=False) for name in by]
    changed = np.any([key[1:] != key[:-1] for key in keys], axis=0)
    starts = np.flatnonzero(np.append(True, changed)[: len(ordered)]).tolist()
    return {
        tuple(str(key[start]) for key in keys): ordered.slice(start, stop - start)
        for start, stop in pairwise([*starts, len(ordered)])
    }


def item_runs(table: pa.Table, within: str) -> tuple[pa.Table, np.ndarray, np.ndarray]:
    """Group the rows of each item, in the order of a column.

    Parts are written so, and rows hold vectors: the table is sorted only where it has to be.

    Parameters
    ----------
    table
        Rows with a column ``item_id``.
    within
        Column whose order holds within an item.

    Returns
    -------
    tuple of pyarrow.Table and two arrays of int
        Rows item by item, and the first row and the number of rows of each item.
    """
    first, counts, together = _runs(table, within)
    if together:
        return table, first, counts
    table = table.sort_by([("item_id", "ascending"), (within, "ascending")])
    return table, *_runs(table, within)[:2]


def _runs(table: pa.Table, within: str) -> tuple[np.ndarray, np.ndarray, bool]:
    """First row and length of each run of one item, and whether every item is one run in order."""
    keys = table["item_id"].to_numpy(zero_copy_only=False)
    starts = np.append(True, keys[1:] != keys[:-1])[: len(keys)]
    first = np.flatnonzero(starts)
    in_order = starts[1:] | (np.diff(table[within].to_numpy()) > 0)
    together = bool(in_order.all()) and len(set(keys[first])) == len(first)
    return first, np.diff(np.append(first, len(keys))), together
