"""The estimators of opaque pairs, by their names in the spec."""

import numpy as np

from ilime_core.opaque.grid import grid
from ilime_core.opaque.kernel_shapley_taylor import kernel_shapley_taylor
from ilime_core.opaque.linear_lime import linear_lime
from ilime_core.opaque.paired import paired, paired_pure
from ilime_core.opaque.tally import SilentGame
from ilime_core.pair_records import PairFitOptions
from ilime_core.protocols import PairEstimator
from ilime_core.registry import EstimatorEntry, Registry

__all__ = ["PAIR_ESTIMATORS", "foreseen_scores"]

PAIR_ESTIMATORS: Registry[EstimatorEntry[PairEstimator]] = Registry(
    "pair estimator",
    {
        "grid": EstimatorEntry(
            grid,
            "affine bilinear least squares on every masked left item with every masked right one",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "paired": EstimatorEntry(
            paired,
            "affine bilinear ridge (penalty by leave-one-out) or lasso, rows perturb both items at once",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "paired_pure": EstimatorEntry(
            paired_pure,
            "the published bilinear form to the letter: no intercept and no main effects",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "linear_lime": EstimatorEntry(
            linear_lime,
            "LIME on the joined masks: main effects without interactions",
            "https://doi.org/10.1145/2939672.2939778",
        ),
        "kernel_shapley_taylor": EstimatorEntry(
            kernel_shapley_taylor,
            "Shapley-Taylor indices of all pairs of segments, across and within, by kernel regression",
            "https://arxiv.org/abs/2103.00370",
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
