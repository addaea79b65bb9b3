"""The section ``perturbation``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.effects.registry import ESTIMATORS
from ilime_core.perturbation.baselines import BASELINES
from ilime_core.perturbation.designs import DESIGNS
from tasks.parameters import MOST_MASKS, Known, Parameters, Share
from tasks.spec.settings import described_by

__all__ = ["AdaptiveParameters", "Baseline", "HeldOutParameters", "PerturbationParameters", "TextRemoval"]

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


class AdaptiveParameters(Parameters, frozen=True):
    """Masks of each item doubled until its effects are known well enough, or all masks are drawn."""

    standard_error: float | None = Field(
        default=None,
        gt=0,
        le=2,
        description="wanted of an item: root mean square over its segments of the standard error of an "
        "effect of banzhaf, as a length (embeddings have length 1); none gives all items the most masks.",
    )
    first_image_masks: int = Field(
        default=128,
        ge=2,
        le=MOST_MASKS,
        description="masks that an image starts with, in whole blocks; max_image_masks is the most.",
    )
    first_text_masks: int = Field(
        default=32,
        ge=2,
        le=MOST_MASKS,
        description="masks that a text starts with, in whole blocks; max_text_masks is the most.",
    )


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
    adaptive: AdaptiveParameters = AdaptiveParameters()
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

    @model_validator(mode="after")
    def _budgets_grow_by_folded_blocks(self) -> "PerturbationParameters":
        if self.adaptive.standard_error is None:
            if self.adaptive != AdaptiveParameters():
                raise ValueError(
                    "adaptive is read with adaptive.standard_error alone: give it, or leave all out"
                )
            return self
        if self.design != "foldover" or self.kernel_width is not None:
            raise ValueError(
                "adaptive doubles whole blocks and needs standard errors: it takes design: foldover and no "
                f"kernel_width, got {self.design} and {self.kernel_width}"
            )
        for kind in ("image", "text"):
            first, most = getattr(self.adaptive, f"first_{kind}_masks"), getattr(self, f"max_{kind}_masks")
            if first > most:
                raise ValueError(
                    f"adaptive.first_{kind}_masks: {first} is more than max_{kind}_masks: {most}, the bound"
                )
        return self

    def identity(self) -> dict[str, object]:
        """Fields as they enter the id of a run: one that was added later only where it asks for something."""
        return self.model_dump(mode="json", exclude=set() if self.adaptive.standard_error else {"adaptive"})
