"""Values of one column of two aligned tables: equal to the bit, or how far apart."""
# pyright: reportAttributeAccessIssue=false
# pyarrow.compute makes its functions when it is imported, where no checker sees them.

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from tasks.comparison.tolerances import Tolerance

__all__ = ["bit_equal", "distances", "group_codes", "within"]


def bit_equal(first: pa.ChunkedArray, second: pa.ChunkedArray) -> np.ndarray:
    """Mark rows that are equal, NULL included; reals by their bits.

    Parameters
    ----------
    first, second
        One column of both runs, aligned.

    Returns
    -------
    np.ndarray
        Boolean, shape (rows,).
    """
    if pa.types.is_list(first.type):
        same = _lengths(first) == _lengths(second)
        left, right = _bits(_flat(first.filter(pa.array(same)))), _bits(_flat(second.filter(pa.array(same))))
        kept = np.flatnonzero(same)
        rows = np.repeat(kept, np.maximum(_lengths(first)[kept], 0))
        same[rows[left != right]] = False
        return same
    if pa.types.is_map(first.type):  # which pyarrow does not compare
        return np.array(
            [one == other for one, other in zip(first.to_pylist(), second.to_pylist(), strict=True)], bool
        )
    nulls, others = _nulls(first), _nulls(second)
    if pa.types.is_floating(first.type):
        return (nulls == others) & (nulls | (_bits(_numbers(first)) == _bits(_numbers(second))))
    equal = pc.fill_null(pc.equal(first, second), pa.scalar(value=False)).to_numpy(zero_copy_only=False)
    return equal | (nulls & others)


def distances(first: pa.ChunkedArray, second: pa.ChunkedArray) -> np.ndarray:
    """Largest absolute difference of each row.

    Parameters
    ----------
    first, second
        One column of reals, or of lists of reals, in both runs, aligned.

    Returns
    -------
    np.ndarray
        Shape (rows,); infinite where lengths or NULL differ.
    """
    far = np.zeros(len(first))
    if pa.types.is_list(first.type):
        lengths = _lengths(first)
        same = lengths == _lengths(second)
        far[~same] = np.inf
        kept = np.flatnonzero(same & (lengths > 0))
        left = _flat(first.take(pa.array(kept))).astype(np.float64)
        right = _flat(second.take(pa.array(kept))).astype(np.float64)
        far[kept] = _largest(np.abs(left - right), lengths[kept])
        return far
    nulls, others = _nulls(first), _nulls(second)
    left, right = _numbers(first).astype(np.float64), _numbers(second).astype(np.float64)
    equal = (left == right) | (nulls & others)  # infinities of one sign are equal and not NaN apart
    far[~equal] = np.abs(left[~equal] - right[~equal])
    far[nulls != others] = np.inf
    return far


def within(
    rule: Tolerance, first: pa.ChunkedArray, second: pa.ChunkedArray, groups: np.ndarray
) -> np.ndarray:
    """Mark rows that are as close as a tolerance demands.

    Parameters
    ----------
    rule
        Absolute and relative tolerance.
    first, second
        One column of both runs, aligned.
    groups
        Group of each row, from `group_codes`; used where the tolerance has a group.

    Returns
    -------
    np.ndarray
        Boolean, shape (rows,).
    """
    scale = np.maximum(_magnitudes(first), _magnitudes(second))
    if rule.group:
        largest = np.zeros(int(groups.max(initial=-1)) + 1)
        np.maximum.at(largest, groups, scale)
        scale = largest[groups]
    return distances(first, second) <= rule.absolute + rule.relative * scale


def group_codes(table: pa.Table, columns: Sequence[str]) -> np.ndarray:
    """Number of each row's group: equal where all columns are equal.

    Parameters
    ----------
    table
        Table with the columns.
    columns
        Columns that make a group; none makes one group of all rows.

    Returns
    -------
    np.ndarray
        Integers from 0, shape (rows,).
    """
    codes = np.zeros(table.num_rows, np.int64)
    for name in columns:
        encoded = table.column(name).combine_chunks().dictionary_encode()
        indices = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
        codes = np.unique(codes * (len(encoded.dictionary) + 1) + indices, return_inverse=True)[1]
    return codes


def _magnitudes(values: pa.ChunkedArray) -> np.ndarray:
    if pa.types.is_list(values.type):
        lengths = _lengths(values)
        sizes, kept = np.zeros(len(values)), np.flatnonzero(lengths > 0)
        flat = np.abs(_flat(values.take(pa.array(kept))).astype(np.float64))
        sizes[kept] = _largest(flat, lengths[kept])
        return sizes
    sizes = np.abs(_numbers(values).astype(np.float64))
    return np.where(np.isfinite(sizes), sizes, 0.0)


def _largest(values: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """Largest of each run of values; lengths are positive."""
    if not len(lengths):
        return np.zeros(0)
    return np.maximum.reduceat(values, np.concatenate([[0], np.cumsum(lengths)[:-1]]))


def _lengths(values: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(pc.list_value_length(values), -1).to_numpy(zero_copy_only=False)


def _flat(values: pa.ChunkedArray) -> np.ndarray:
    return pc.list_flatten(values).to_numpy()


def _nulls(values: pa.ChunkedArray) -> np.ndarray:
    return pc.is_null(values).to_numpy(zero_copy_only=False)


def _numbers(values: pa.ChunkedArray) -> np.ndarray:
    return pc.fill_null(values, 0).to_numpy(zero_copy_only=False)


def _bits(values: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(values).view(f"u{values.dtype.itemsize}")
