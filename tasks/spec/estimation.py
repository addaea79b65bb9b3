"""The section ``estimation``: what single estimators read beside ``perturbation``."""

from typing import Annotated, Any

from pydantic import Field

from ilime_core.effects.registry import ESTIMATORS, Refinement
from ilime_core.opaque.registry import PAIR_ESTIMATORS
from ilime_core.registry import EstimatorEntry, Registry
from ilime_core.white_box.registry import WHITE_BOX
from tasks.parameters import MOST_MASKS, Known, Parameters
from tasks.spec.settings import described_by

__all__ = ["EVERY_ESTIMATOR", "EstimationParameters", "EstimatorName"]

EVERY_ESTIMATOR: Registry[EstimatorEntry[Any]] = Registry(
    "estimator", {**ESTIMATORS.entries, **WHITE_BOX.entries, **PAIR_ESTIMATORS.entries}
)
"""Every method that explains pairs."""

EstimatorName = Annotated[str, Known(EVERY_ESTIMATOR)]


@described_by(EVERY_ESTIMATOR)
class EstimationParameters(Parameters, frozen=True):
    """Settings of single estimators; each is read only where its estimator is asked for."""

    refine: Refinement = Field(
        default="none",
        description="less error from the same masks; gls weighs what several segments do as noise of known "
        "shape, posterior also shrinks each effect. Needs design: foldover.",
    )
    path_steps: int = Field(
        default=16,
        ge=1,
        le=256,
        description="points of the path from the empty to the whole item.",
    )
    weighted_p: float = Field(default=0.8, gt=0, lt=1, description="probability of keeping a segment.")
    weighted_image_masks: int = Field(default=256, ge=2, le=MOST_MASKS, description="masks per image.")
    weighted_text_masks: int = Field(default=64, ge=2, le=MOST_MASKS, description="masks per text.")
    quadrature_nodes: int = Field(
        default=4,
        ge=2,
        le=16,
        description="keeping probabilities that are averaged over.",
    )
    quadrature_image_masks: int = Field(
        default=512,
        ge=2,
        le=MOST_MASKS,
        description="masks per image, all nodes together; at least 2.5 a node and segment are drawn.",
    )
    quadrature_text_masks: int = Field(
        default=128,
        ge=2,
        le=MOST_MASKS,
        description="masks per text, rounded up in the same way.",
    )
    block_segments: int = Field(
        default=4,
        ge=1,
        le=4096,
        description="segments that are removed together; 1 is occlusion.",
    )
    lime_kernel_width: float = Field(
        default=0.25,
        ge=0.001,
        le=1000,
        description="width of the kernel on a mask's cosine distance.",
    )
    lime_penalty: float = Field(
        default=1.0,
        ge=0,
        le=1e6,
        description="ridge beside the weighted sum of squared residuals.",
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

    def identity(self) -> dict[str, object]:
        """Fields as they enter the id of a run: one that was added later only where it asks for something."""
        return self.model_dump(mode="json", exclude={"refine"} if self.refine == "none" else set())
