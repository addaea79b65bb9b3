"""The estimators of opaque pairs, by their names in the spec."""

import numpy as np

from ilime_core.opaque.grid import grid
from ilime_core.opaque.tally import SilentGame
from ilime_core.protocols import PairEstimator
from ilime_core.records import PairFitOptions
from ilime_core.registry import Entry, Registry

__all__ = ["PAIR_ESTIMATORS", "foreseen_scores"]

PAIR_ESTIMATORS: Registry[PairEstimator] = Registry(
    "pair estimator",
    {
        "grid": Entry(
            grid,
            "affine bilinear least squares on every masked left item with every masked right one",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
    },
)
"""Each explains one pair from scores alone."""


def foreseen_scores(
    estimator: str, n_left: int, n_right: int, options: PairFitOptions, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Distinct joint rows, left and right coalitions that an estimator will ask for, corners included.

    Exact for a generator in the state that the estimator will get: no question depends on an answer.

    Raises
    ------
    InputError
        If there is no such estimator, or it would refuse the options.
    """
    dry = PAIR_ESTIMATORS[estimator].make(SilentGame(n_left, n_right), options, rng)
    return dry.n_scores, dry.n_left_encodes, dry.n_right_encodes
