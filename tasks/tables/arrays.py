"""Columns of tables as arrays: lists of floats as a matrix, rows of an item as a run."""

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

__all__ = ["item_runs", "vectors"]


def vectors(column: pa.ChunkedArray) -> Tensor:
    """A column of equally long float lists as a matrix."""
    flat = pa.concat_arrays([chunk.flatten() for chunk in column.chunks]).to_numpy(zero_copy_only=False)
    return torch.from_numpy(flat.reshape(len(column), -1).astype(np.float32))


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
