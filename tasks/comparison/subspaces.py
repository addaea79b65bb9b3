"""Differences that a decomposition is free to make: signs, and directions whose strengths hardly differ."""

import numpy as np
import pyarrow as pa

from ilime_core.interactions.agreement import clear_gaps, covariance_distance, largest_turn
from tasks.comparison.tolerances import CLEAR_GAP, PROJECTOR, STRENGTH
from tasks.comparison.values import group_codes

__all__ = ["covariance_is_close", "vectors_are_close"]

_VECTORS = {
    "factors": (("pair_id", "estimator"), "left_vector", "right_vector"),
    "global_factors": (("estimator",), "left_direction", "right_direction"),
}

_COVARIANCE = 2e-2  # of its norm: the factors are stored with 11 bits


def vectors_are_close(
    table: str, column: str, first: pa.Table, second: pa.Table, rows: np.ndarray
) -> np.ndarray:
    """Mark rows of aligned ``factors`` or ``global_factors`` that differ only as a decomposition may.

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
    turns = [
        largest_turn(*([_vector(side, name, row) for name in (left, right)] for side in (first, second)))
        for row in rows.tolist()
    ]
    return unclear | (np.array(turns) <= PROJECTOR / np.maximum(gaps[rows], CLEAR_GAP))


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
        a, b = (_vector(side, column, row) for side in (first, second))
        if dim == 0 or a.shape != b.shape or len(a) % dim:
            continue
        close[place] = covariance_distance(a.reshape(-1, dim), b.reshape(-1, dim)) <= _COVARIANCE
    return close


def _vector(table: pa.Table, column: str, row: int) -> np.ndarray:
    return np.asarray(table.column(column)[row].as_py() or (), np.float64)
