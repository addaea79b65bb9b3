"""Columns of tables as tensors."""

import numpy as np
import pyarrow as pa
import torch
from torch import Tensor

__all__ = ["flat_reals", "masks_of", "vectors"]


def vectors(column: pa.ChunkedArray) -> Tensor:
    """A column of equally long float lists as a matrix; read only, because it shares the column's memory."""
    values = flat_reals(column.combine_chunks().flatten())
    return values.reshape(len(column), len(values) // max(1, len(column)))


def flat_reals(values: pa.Array) -> Tensor:
    """Floats without NULL in single precision; to be read only, because they share the array's memory."""
    return torch.from_dlpack(values.cast(pa.float32()))


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
    packed = np.frombuffer(b"".join(column.to_pylist()), dtype=np.uint8).reshape(len(column), -1)
    return torch.from_numpy(np.unpackbits(packed, axis=1, count=n_segments).astype(bool))
