"""The strongest rows of W, and the share of them that another ranking of the rows does not find."""

import numpy as np
from jaxtyping import Float

from ilime_core.faithfulness.measurement import Control
from ilime_core.faithfulness.reported import SHARE, Group, Reported

__all__ = ["MISSED_ROWS", "STRONGEST", "missed_share", "n_strongest", "row_norms", "strongest_rows"]

STRONGEST = 0.25
"""Share of the left segments that count as the strongest."""


def n_strongest(n_rows: int) -> int:
    """How many of so many rows count as the strongest: a quarter, one at least."""
    return max(1, int(n_rows * STRONGEST))


def row_norms(weights: Float[np.ndarray, "left right"]) -> Float[np.ndarray, " left"]:
    """Strength of each left segment: the norm of its row."""
    return np.linalg.norm(weights, axis=1)


def strongest_rows(values: Float[np.ndarray, " left"]) -> set[int]:
    """The strongest quarter, equal values in the order of their segments; what is not above 0 is none."""
    order = np.argsort(-values, kind="stable")[: n_strongest(len(values))]
    return {int(place) for place in order if values[place] > 0}


def missed_share(strong: set[int], others: Float[np.ndarray, " left"]) -> float | None:
    """Share of strong rows that are not among the strongest of other values; None without a strong row.

    Parameters
    ----------
    strong
        Rows that have to be found.
    others
        Strength of each row by another ranking.

    Returns
    -------
    float or None
        0 where all are found, 1 where none is.
    """
    return 1.0 - len(strong & strongest_rows(others)) / len(strong) if strong else None


MISSED_ROWS = Reported(
    name="missed_rows",
    title="missed rows",
    says="Share of the matrix's strongest quarter of rows that others have not among theirs: the matrix "
    "found again under other masks (explanation; needs the metric stability), and the linear surrogate.",
    group=Group.FIDELITY,
    direction="lower",
    bounds=SHARE,
    controls=(Control.EXPLANATION, Control.MAIN_EFFECTS, Control.RANDOM),
    chance="A random choice of as many rows, measured beside it.",
)
"""Value of two metrics: `incompleteness` of linear surrogates, `stability` of the explanation."""
