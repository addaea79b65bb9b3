"""The section ``segmentation``."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.parameters.base import Parameters

__all__ = ["ImageSegmentationParameters", "SegmentationParameters", "TextSegmentationParameters"]


class ImageSegmentationParameters(Parameters, frozen=True):
    """How views are cut into regions."""

    method: Literal["slic", "felzenszwalb", "quickshift", "watershed", "grid", "given"] = Field(
        default="slic", description="How views are cut into regions."
    )
    n_segments: int = Field(default=49, ge=1, le=1024, description="Regions wanted; methods come near it.")
    masks: str = Field(
        default="", description="given: URL of a folder of label maps, <image name without suffix>.png."
    )

    @model_validator(mode="after")
    def _masks_are_given(self) -> "ImageSegmentationParameters":
        if self.masks and self.method != "given":
            raise ValueError("masks names the folder of label maps and goes with method: given")
        return self


class TextSegmentationParameters(Parameters, frozen=True):
    """How captions are cut."""

    unit: Literal["word", "token"] = Field(
        default="word", description="Unicode words, or the tokenizer's tokens."
    )


class SegmentationParameters(Parameters, frozen=True):
    """What is explained: regions and words."""

    image: ImageSegmentationParameters = ImageSegmentationParameters()
    text: TextSegmentationParameters = TextSegmentationParameters()
