"""The section ``corpus``."""

from typing import Literal, cast

from pydantic import Field, model_validator

from tasks.spec.base import Parameters
from tasks.spec.places import InputPlace

__all__ = ["CorpusParameters"]


_ANNOTATED = frozenset({"karpathy", "flickr30k", "coco_captions", "image_pairs", "text_pairs"})
_WHOLE = frozenset({"coco_captions", "webdataset", "folder", "image_pairs", "text_pairs"})
"""Layouts that tell no splits apart, or seldom."""


class CorpusParameters(Parameters, frozen=True):
    """Where the images and captions are."""

    format: Literal[
        "karpathy",
        "flickr30k",
        "coco_captions",
        "webdataset",
        "parquet",
        "folder",
        "image_pairs",
        "text_pairs",
    ] = Field(default="karpathy", description="Layout of the corpus.")
    annotations: InputPlace = Field(
        default="",
        description="URL or path of the annotation file; webdataset, parquet and folder need none.",
    )
    images: InputPlace = Field(
        default="",
        description="URL or path of the folder that image names are relative to; webdataset: of the tar "
        "shards, like s3://data/{00000..00099}.tar; parquet: of the files, or of their folder. "
        "text_pairs needs none.",
    )
    split: str = Field(
        default="test",
        description="Split to explain; 'all' takes every one, the default of coco_captions, webdataset, "
        "folder, image_pairs and text_pairs.",
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="Explain only the first so many images and their captions.",
    )
    regions: InputPlace = Field(
        default="",
        description="coco_captions: URL of the instances or panoptic JSON whose objects are the regions of "
        "segmentation method 'given'.",
    )
    region_masks: InputPlace = Field(
        default="", description="coco_captions: URL of the folder of panoptic PNGs that regions names."
    )
    image_column: str = Field(default="image", description="parquet: column with the images.")
    caption_column: str = Field(
        default="caption", description="parquet and folder: column with a caption, or with a list of them."
    )
    id_column: str = Field(
        default="", description="parquet: column with the images' ids; empty numbers the rows."
    )

    left_column: str = Field(
        default="query",
        description="image_pairs and text_pairs: column of what asks; NAME_id may hold ids of texts.",
    )
    right_column: str = Field(
        default="candidate",
        description="image_pairs and text_pairs: column of what answers; ids of texts as with left_column.",
    )
    label_column: str = Field(
        default="relevance",
        description="image_pairs and text_pairs: column of how much the two match; empty where all do. A "
        "table without any such column needs none.",
    )
    relevant_above: float = Field(
        default=0.0,
        ge=-1e9,
        le=1e9,
        description="image_pairs and text_pairs: labels above this number are matches, like 3.5 of a scale "
        "from 0 to 5.",
    )

    @model_validator(mode="before")
    @classmethod
    def _whole_without_splits(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        given = cast("dict[str, object]", data)
        return {"split": "all"} | given if given.get("format") in _WHOLE else given

    @model_validator(mode="after")
    def _annotations_where_needed(self) -> "CorpusParameters":
        if self.format in _ANNOTATED and not self.annotations:
            raise ValueError(f"format: {self.format} needs annotations, the URL of a file")
        if not self.images and self.format != "text_pairs":
            raise ValueError(f"format: {self.format} needs images, the URL of a folder or of files")
        if self.regions and self.format != "coco_captions":
            raise ValueError("regions names MS COCO's objects and goes with format: coco_captions")
        if self.region_masks and not self.regions:
            raise ValueError("region_masks goes with regions, the panoptic JSON that names its files")
        return self
