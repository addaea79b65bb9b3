"""Registry of the estimators of opaque pairs, by their names in the spec."""

from collections.abc import Callable
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, TypeVar

from ilime_core.registry import EstimatorEntry, Registry, lazy

if TYPE_CHECKING:
    from ilime_core.protocols.pairs import PairEstimator

__all__ = ["PAIR_ESTIMATORS", "PairEstimatorEntry"]

T = TypeVar("T", bound=Callable[..., object])


@dataclass(frozen=True, slots=True, kw_only=True)
class PairEstimatorEntry(EstimatorEntry[T]):
    """Estimator of one pair from its scores."""

    coefficients: Callable[[int, int], int] | None = None
    """Coefficients of its regression, from a pair's segments; None where its systems are small."""


_SHRUNK = ("rows", "regression", "penalty", "kernel", "kernel_width", "held_out")

PAIR_ESTIMATORS: "Registry[PairEstimatorEntry[PairEstimator]]" = Registry(
    "pair estimator",
    {
        "grid": PairEstimatorEntry(
            lazy("ilime_core.opaque.grid:grid"),
            "affine bilinear least squares on every masked left item with every masked right one",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
            title="bilinear grid",
            settings=("image_masks", "text_masks", "kernel", "kernel_width", "held_out"),
        ),
        "paired": PairEstimatorEntry(
            lazy("ilime_core.opaque.paired:paired"),
            "affine bilinear ridge (penalty by leave-one-out) or lasso, rows perturb both items at once",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
            title="bilinear paired rows",
            settings=_SHRUNK,
            coefficients=lambda n_left, n_right: n_left * n_right + n_left + n_right,
        ),
        "paired_pure": PairEstimatorEntry(
            lazy("ilime_core.opaque.paired:paired_pure"),
            "the published bilinear form to the letter: no intercept and no main effects",
            "https://doi.org/10.1109/ICIP49359.2023.10222440",
            title="published bilinear form",
            settings=_SHRUNK,
            coefficients=lambda n_left, n_right: n_left * n_right,
        ),
        "linear_lime": PairEstimatorEntry(
            lazy("ilime_core.opaque.linear_lime:linear_lime"),
            "LIME on the joined masks: main effects without interactions",
            "https://doi.org/10.1145/2939672.2939778",
            title="LIME on joined masks",
            settings=("rows", "penalty", "kernel_width", "held_out"),
            coefficients=lambda n_left, n_right: n_left + n_right,
        ),
        "kernel_shapley_taylor": PairEstimatorEntry(
            lazy("ilime_core.opaque.kernel_shapley_taylor:kernel_shapley_taylor"),
            "Shapley-Taylor indices of all pairs of segments, across and within, by kernel regression",
            "https://arxiv.org/abs/2103.00370",
            title="kernel Shapley-Taylor index",
            settings=("rows", "held_out"),
            coefficients=lambda n_left, n_right: comb(n_left + n_right, 2),
        ),
    },
)
"""Each explains one pair from scores alone."""
