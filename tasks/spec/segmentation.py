"""The section ``segmentation``."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from ilime_core.segmentation.registry import SEGMENTERS
from tasks.parameters import InputPlace, Known, Parameters
from tasks.spec.settings import described_by

__all__ = ["ImageSegmentationParameters", "SegmentationParameters", "TextSegmentationParameters"]


@described_by(SEGMENTERS)
class ImageSegmentationParameters(Parameters, frozen=True):
    """Segmentation of views into regions."""

    method: Annotated[str, Known(SEGMENTERS)] = Field(
        default="slic", description="How views are cut into regions."
    )
    n_segments: int = Field(default=49, ge=1, le=1024, description="regions wanted; methods come near it.")
    max_segments: int = Field(
        default=2048,
        ge=1,
        le=4096,
        description="Regions of a view that are explained; an image with more of them fails.",
    )
    label_maps: InputPlace = Field(
        default="",
        serialization_alias="masks",  # digests, and with them ids, keep the field's first name
        description="URL of a folder of label maps, <image name without suffix>.png.",
    )

    @model_validator(mode="after")
    def _label_maps_are_given(self) -> "ImageSegmentationParameters":
        if self.label_maps and self.method != "given":
            raise ValueError("label_maps names the folder of label maps and goes with method: given")
        return self

    label_names: InputPlace = Field(
        default="",
        description="URL of the names of label_maps: a table of label<TAB>name lines, or regions.json, whose"
        " spans have labels.",
    )

    @model_validator(mode="after")
    def _names_are_of_label_maps(self) -> "ImageSegmentationParameters":
        if self.label_names and not self.label_maps:
            raise ValueError("label_names names the labels of label_maps, which is not given")
        return self

    @model_validator(mode="after")
    def _wanted_within_bound(self) -> "ImageSegmentationParameters":
        if self.n_segments > self.max_segments:
            raise ValueError(
                f"max_segments: {self.max_segments} is below n_segments: {self.n_segments}; raise it"
            )
        return self


class TextSegmentationParameters(Parameters, frozen=True):
    """Segmentation of captions into words or tokens."""

    unit: Literal["word", "token"] = Field(
        default="word", description="Unicode words, or the tokenizer's tokens."
    )
    max_segments: int = Field(
        default=512,
        ge=1,
        le=4096,
        description="Words or tokens that the model sees of a text; a text with more of them fails.",
    )
    max_characters: int = Field(
        default=20_000, ge=1, le=10_000_000, description="Characters of a text; a longer one fails."
    )
    lexicon: InputPlace = Field(
        default="",
        description="URL of a table of words and their classes, a word<TAB>class each line; empty for the"
        " packaged one of English.",
    )


class SegmentationParameters(Parameters, frozen=True):
    """Segments that are explained: regions and words."""

    image: ImageSegmentationParameters = ImageSegmentationParameters()
    text: TextSegmentationParameters = TextSegmentationParameters()
