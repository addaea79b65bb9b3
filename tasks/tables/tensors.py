"""Columns of tables as tensors."""

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

from tasks.tables.arrays import matrix

__all__ = ["masks_of", "vectors"]


def vectors(column: pa.ChunkedArray) -> Tensor:
    """A column of equally long float lists as a matrix."""
    return torch.from_numpy(matrix(column))


def masks_of(column: pa.ChunkedArray, n_segments: int) -> Tensor:
    """A column of packed masks as a boolean matrix.

    Parameters
    ----------
    column
        Packed bits, first segment in the highest bit.
    n_segments
        Segments of the item.

    Returns
    -------
    Tensor
        Boolean, shape (rows, n_segments).
    """
    packed = np.stack([np.frombuffer(mask, dtype=np.uint8) for mask in column.to_pylist()])
    return torch.from_numpy(np.unpackbits(packed, axis=1, count=n_segments).astype(bool))
