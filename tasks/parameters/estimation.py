"""The section ``estimation``: what single estimators read beside ``perturbation``."""

from typing import Literal

from pydantic import Field

from tasks.parameters.base import Parameters

__all__ = ["EstimationParameters", "EstimatorName"]

EstimatorName = Literal[
    "banzhaf",
    "product_shapley",
    "weighted_banzhaf",
    "occlusion",
]
"""Every method that explains pairs, by its name in the spec."""


class EstimationParameters(Parameters, frozen=True):
    """Settings of single estimators; each is read only where its estimator is asked for."""

    weighted_p: float = Field(
        default=0.8, gt=0, lt=1, description="weighted_banzhaf: probability of keeping a segment."
    )
    weighted_image_masks: int = Field(default=256, ge=2, description="weighted_banzhaf: masks per image.")
    weighted_text_masks: int = Field(default=64, ge=2, description="weighted_banzhaf: masks per text.")
    within_cells: int = Field(
        default=0,
        ge=0,
        description="Pairs of segments of one item kept of each side of a pair, the strongest; 0 for none.",
    )
    three_way_cells: int = Field(
        default=0,
        ge=0,
        description="Triples (two segments of one item, one of the other) kept of each side of a pair.",
    )
