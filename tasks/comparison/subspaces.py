"""Differences that a decomposition is free to make: signs, and directions whose strengths hardly differ."""

import numpy as np
import pyarrow as pa

from tasks.comparison.tolerances import CLEAR_GAP, PROJECTOR, STRENGTH
from tasks.comparison.values import group_codes

__all__ = ["clear_gaps", "covariance_is_close", "vectors_are_close"]

_VECTORS = {
    "factors": (("pair_id", "estimator"), "left_vector", "right_vector"),
    "global_factors": (("estimator",), "left_direction", "right_direction"),
}

_COVARIANCE = 2e-2  # of its norm: the factors are stored with 11 bits


def clear_gaps(strengths: np.ndarray, groups: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gap of each strength to its neighbours over the first strength of its group, and the first strengths.

    Parameters
    ----------
    strengths
        Rows of a group follow each other, strongest first; below the last lies zero. Shape (rows,).
    groups
        Number of each row's group, shape (rows,).

    Returns
    -------
    tuple[np.ndarray, np.ndarray]
        Relative gaps and first strengths, each of shape (rows,).
    """
    starts = np.flatnonzero(np.diff(groups, prepend=-1))
    sizes = np.diff(np.append(starts, len(groups)))
    first = np.repeat(strengths[starts], sizes)
    below = np.append(strengths[1:], 0.0)
    below[np.append(starts[1:], len(groups)) - 1] = 0.0
    gap = strengths - below
    above = np.concatenate([[np.inf], gap[:-1]]) if len(gap) else gap
    above[starts] = np.inf
    return np.minimum(gap, above) / np.where(first > 0, first, 1.0), first


def vectors_are_close(
    table: str, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray
) -> np.ndarray:
    """Mark rows of aligned ``factors`` or ``global_factors`` that differ only as a decomposition may.

    Vectors are compared as projectors: a turn by the angle t moves one by sin t in the spectral norm.

    Parameters
    ----------
    table, column
        Names.
    first, second
        The table in both runs, row by row with equal keys.
    rows
        Indices of the rows to judge, shape (rows,).

    Returns
    -------
    np.ndarray
        Boolean, shape (rows,).
    """
    group, left, right = _VECTORS[table]
    strengths = first.column("strength").to_numpy().astype(np.float64)
    gaps, leading = clear_gaps(strengths, group_codes(first, group))
    if column == "gap":
        values = [side.column("gap").to_numpy().astype(np.float64)[rows] for side in (first, second)]
        return np.abs(values[0] - values[1]) <= 2 * STRENGTH * leading[rows]
    unclear = gaps[rows] <= CLEAR_GAP
    if column not in {left, right}:
        return unclear & (column == "sign_margin")
    close = np.zeros(len(rows), bool)
    for place, row in enumerate(rows.tolist()):
        cosines = [_cosine(first, second, name, row) for name in (left, right)]
        sine = np.sqrt(max(0.0, 1.0 - min(abs(cosine) for cosine in cosines) ** 2))
        one_sign = cosines[0] * cosines[1] > 0
        close[place] = unclear[place] or (one_sign and sine <= PROJECTOR / gaps[row])
    return close


def covariance_is_close(first: pa.Table, second: pa.Table, column: str, rows: np.ndarray) -> np.ndarray:
    """Mark rows of aligned ``item_fits`` that hold factors L of one covariance L^T L.

    Parameters
    ----------
    first, second
        The table in both runs, row by row with equal keys.
    column
        Column of factors, each a flat list of ``rank x dim`` numbers.
    rows
        Indices of the rows to judge, shape (rows,).

    Returns
    -------
    np.ndarray
        Boolean, shape (rows,).
    """
    close = np.zeros(len(rows), bool)
    for place, row in enumerate(rows.tolist()):
        dim = len(first.column("mean")[row].values or ())
        sides = [np.asarray(side.column(column)[row].as_py() or (), np.float64) for side in (first, second)]
        if dim == 0 or sides[0].shape != sides[1].shape or len(sides[0]) % dim:
            continue
        a, b = (side.reshape(-1, dim) for side in sides)
        norms = [float(np.sum((x @ y.T) ** 2)) for x, y in ((a, a), (b, b), (a, b))]
        apart = np.sqrt(max(0.0, norms[0] + norms[1] - 2 * norms[2]))
        close[place] = apart <= _COVARIANCE * np.sqrt(max(norms[0], norms[1]))
    return close


def _cosine(first: pa.Table, second: pa.Table, column: str, row: int) -> float:
    a, b = (np.asarray(side.column(column)[row].as_py() or (), np.float64) for side in (first, second))
    if a.shape != b.shape or not len(a):
        return 0.0
    return float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
