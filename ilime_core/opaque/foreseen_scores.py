"""Number of scores that an estimator of opaque pairs will ask for."""

import numpy as np

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.tally import SilentGame
from ilime_core.pair_records import PairFitOptions

__all__ = ["foreseen_scores"]


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
