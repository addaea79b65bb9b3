"""Registry of the estimators of opaque pairs, by their names in the spec."""

from typing import TYPE_CHECKING

from ilime_core.registry import EstimatorEntry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.pairs import PairEstimator

__all__ = ["PAIR_ESTIMATORS"]

PAIR_ESTIMATORS: "Registry[EstimatorEntry[PairEstimator]]" = Registry(
    "pair estimator",
    {
        "grid": EstimatorEntry(
            lazy("ilime_core.opaque.grid:grid"),
            "affine bilinear least squares on every masked left item with every masked right one",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "paired": EstimatorEntry(
            lazy("ilime_core.opaque.paired:paired"),
            "affine bilinear ridge (penalty by leave-one-out) or lasso, rows perturb both items at once",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "paired_pure": EstimatorEntry(
            lazy("ilime_core.opaque.paired:paired_pure"),
            "the published bilinear form to the letter: no intercept and no main effects",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
        ),
        "linear_lime": EstimatorEntry(
            lazy("ilime_core.opaque.linear_lime:linear_lime"),
            "LIME on the joined masks: main effects without interactions",
            "https://doi.org/10.1145/2939672.2939778",
        ),
        "kernel_shapley_taylor": EstimatorEntry(
            lazy("ilime_core.opaque.kernel_shapley_taylor:kernel_shapley_taylor"),
            "Shapley-Taylor indices of all pairs of segments, across and within, by kernel regression",
            "https://arxiv.org/abs/2103.00370",
        ),
    },
)
"""Each explains one pair from scores alone."""
