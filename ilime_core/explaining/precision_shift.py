"""Shift of W between two arithmetics of the towers, against what sampling leaves uncertain."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ilime_core.errors import InputError
from ilime_core.explaining.interaction import InteractionExplanation

__all__ = ["PrecisionShift", "precision_shift"]


@dataclass(frozen=True, slots=True)
class PrecisionShift:
    """Distribution over cells of ``|W' - W| / standard error``.

    Attributes
    ----------
    median, p99
        Quantiles; in standard errors.
    n_cells
        Cells that have a standard error.
    """

    median: float
    p99: float
    n_cells: int


def precision_shift(
    exact: Sequence[InteractionExplanation], lower: Sequence[InteractionExplanation]
) -> PrecisionShift:
    """Compare explanations of the same pairs under the same masks in two arithmetics.

    Parameters
    ----------
    exact
        Explanations in float32: their standard errors are the unit.
    lower
        The same pairs in the same order, towers in the other arithmetic.

    Returns
    -------
    PrecisionShift
        Over all cells of all pairs.

    Raises
    ------
    InputError
        If no cell has a standard error above zero, because all coalitions were encoded or the masks are too
        few for errors.
    """
    shifts: list[np.ndarray] = []
    for one, other in zip(exact, lower, strict=True):
        known = one.standard_errors > 0  # not where it is NaN
        shifts.append(np.abs(other.weights - one.weights)[known] / one.standard_errors[known])
    cells = np.concatenate(shifts) if shifts else np.empty(0)
    if not cells.size:
        raise InputError(f"none of {len(exact)} pairs has a cell with a standard error above 0")
    median, p99 = np.quantile(cells.astype(np.float64), [0.5, 0.99])
    return PrecisionShift(float(median), float(p99), cells.size)
