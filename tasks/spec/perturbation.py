"""The section ``perturbation``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.effects.registry import ESTIMATORS
from ilime_core.perturbation.baselines import BASELINES
from ilime_core.perturbation.designs import DESIGNS
from tasks.parameters import MOST_MASKS, Known, Parameters, Share
from tasks.spec.settings import described_by

__all__ = ["Baseline", "HeldOutParameters", "PerturbationParameters", "TextRemoval"]

Baseline = Annotated[str, Known(BASELINES)]
TextRemoval = Literal["drop", "mask"]


Colour = tuple[
    Annotated[int, Field(ge=0, le=255)],
    Annotated[int, Field(ge=0, le=255)],
    Annotated[int, Field(ge=0, le=255)],
]


class HeldOutParameters(Parameters, frozen=True):
    """Fresh masks that check the fit."""

    image: int = Field(default=64, ge=0, le=MOST_MASKS, description="Masks per image; 0 for none.")
    text: int = Field(
        default=16, ge=0, le=MOST_MASKS, description="Masks per text; an enumerated text reuses its own."
    )
    image_share: Share = Field(
        default=1.0, description="Share of images that get them (a seeded choice per image)."
    )
    text_share: Share = Field(default=1.0, description="Share of texts that get them.")


@described_by(ESTIMATORS, BASELINES)
class PerturbationParameters(Parameters, frozen=True):
    """Perturbation of items: masks and baselines."""

    design: Annotated[str, Known(DESIGNS)] = Field(
        default="foldover", description="How the masks of an item are drawn."
    )
    p: float = Field(
        default=0.5, gt=0, lt=1, description="Probability of keeping a segment; part of the question."
    )
    max_image_masks: int = Field(
        default=256, ge=2, le=MOST_MASKS, description="Masks per image (foldover rounds up to whole blocks)."
    )
    max_text_masks: int = Field(
        default=64, ge=2, le=MOST_MASKS, description="Masks per text; enumerated where 2^words fits."
    )
    shapley_image_masks: int = Field(default=128, ge=0, le=MOST_MASKS, description="further masks per image.")
    shapley_text_masks: int = Field(default=32, ge=0, le=MOST_MASKS, description="further masks per text.")
    held_out: HeldOutParameters = HeldOutParameters()
    image_baseline: Baseline = Field(default="segment_mean", description="Baseline of removed regions.")
    baseline_colour: Colour = Field(default=(127, 127, 127), description="colour of removed regions.")
    blur_sigma: float = Field(default=10.0, gt=0, le=1000, description="standard deviation in view pixels.")
    text_removal: TextRemoval = Field(default="drop", description="Cut words out, or write a mask word.")
    ridge: float = Field(
        default=0.0,
        ge=0,
        le=1e6,
        description="penalty on the squared norm of each side's effects, beside the mean square residual.",
    )
    kernel_width: float | None = Field(
        default=None, ge=0.001, le=1000, description="product kernel width; none for equal weights."
    )
    keep_embeddings: bool = Field(default=False, description="Keep the embedding of every fitted mask.")

    @model_validator(mode="after")
    def _folding_needs_half(self) -> "PerturbationParameters":
        if self.design == "foldover" and self.p != 0.5:
            raise ValueError(f"design: foldover needs p: 0.5, got {self.p}; use design: iid or stratified")
        return self
