"""The section ``estimation``: what single estimators read beside ``perturbation``."""

from typing import Literal

from pydantic import Field

from tasks.parameters import MOST_MASKS, Parameters

__all__ = ["EstimationParameters", "EstimatorName"]

EstimatorName = Literal[
    "banzhaf",
    "product_shapley",
    "weighted_banzhaf",
    "occlusion",
    "sliding_block_occlusion",
    "shapley_interaction",
    "shapley_taylor",
    "faith_shap",
    "search_lime",
    "kernel_shap",
    "cross_gradient",
    "integrated_jacobian",
    "activation_map",
    "grad_cam",
    "grid",
    "paired",
    "paired_pure",
    "linear_lime",
    "kernel_shapley_taylor",
]
"""Every method that explains pairs, by its name in the spec."""


class EstimationParameters(Parameters, frozen=True):
    """Settings of single estimators; each is read only where its estimator is asked for."""

    path_steps: int = Field(
        default=16,
        ge=1,
        le=256,
        description="integrated_jacobian: points of the path from the empty to the whole item.",
    )
    weighted_p: float = Field(
        default=0.8, gt=0, lt=1, description="weighted_banzhaf: probability of keeping a segment."
    )
    weighted_image_masks: int = Field(
        default=256, ge=2, le=MOST_MASKS, description="weighted_banzhaf: masks per image."
    )
    weighted_text_masks: int = Field(
        default=64, ge=2, le=MOST_MASKS, description="weighted_banzhaf: masks per text."
    )
    quadrature_nodes: int = Field(
        default=4,
        ge=2,
        le=16,
        description="shapley_interaction, shapley_taylor, faith_shap: keeping probabilities that are averaged"
        " over.",
    )
    quadrature_image_masks: int = Field(
        default=512,
        ge=2,
        le=MOST_MASKS,
        description="The same three: masks per image, all nodes together; at least 2.5 a node and segment"
        " are drawn.",
    )
    quadrature_text_masks: int = Field(
        default=128,
        ge=2,
        le=MOST_MASKS,
        description="The same three: masks per text, rounded up in the same way.",
    )
    block_segments: int = Field(
        default=4,
        ge=1,
        le=4096,
        description="sliding_block_occlusion: segments that are removed together; 1 is occlusion.",
    )
    lime_kernel_width: float = Field(
        default=0.25,
        ge=0.001,
        le=1000,
        description="search_lime: width of the kernel on a mask's cosine distance.",
    )
    lime_penalty: float = Field(
        default=1.0,
        ge=0,
        le=1e6,
        description="search_lime: ridge beside the weighted sum of squared residuals.",
    )
    within_cells: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Pairs of segments of one item kept of each side of a pair, the strongest; 0 for none.",
    )
    three_way_cells: int = Field(
        default=0,
        ge=0,
        le=1_000_000,
        description="Triples (two segments of one item, one of the other) kept of each side of a pair.",
    )
