"""Number of scores that an estimator of opaque pairs needs."""

import numpy as np

from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.opaque.tally import SilentGame
from ilime_core.pair_records import PairFitOptions

__all__ = ["foreseen_scores"]


def foreseen_scores(
    estimator: str, n_left: int, n_right: int, options: PairFitOptions, rng: np.random.Generator
) -> tuple[int, int, int]:
    """Count the scores that an estimator will need, without computing any.

    Exact for a generator in the state that the estimator will get: no estimator's questions depend on the
    answers.

    Parameters
    ----------
    estimator
        Name of a pair estimator.
    n_left, n_right
        Segments of either item.
    options
        Settings that the estimator will get.
    rng
        Generator in the state that the estimator will get; it is advanced.

    Returns
    -------
    tuple of int
        Distinct joint rows, left coalitions and right coalitions, corners included.

    Raises
    ------
    InputError
        If there is no such estimator, or it would refuse the options.
    """
    dry = PAIR_ESTIMATORS[estimator].make(SilentGame(n_left, n_right), options, rng)
    return dry.n_scores, dry.n_left_encodes, dry.n_right_encodes
