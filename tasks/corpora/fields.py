"""Fields of the section ``corpus`` of a spec, as the readers of corpora take them."""

from typing import Annotated, Literal

from pydantic import Field

from ilime_core.edits.registry import EDITS
from tasks.parameters import InputPlace, Known, Parameters

__all__ = ["CorpusFields"]

TagName = Annotated[str, Field(min_length=1, max_length=80, pattern=r"^[^=\x00-\x1f\x7f]+$")]
"""Name of a column; a slice is called NAME=VALUE."""


class CorpusFields(Parameters, frozen=True):
    """Fields of every corpus format; each `tasks.corpora.format.CorpusFormat` says which of them it reads."""

    format: str = Field(default="karpathy", description="Layout of the corpus.")
    annotations: InputPlace = Field(default="", description="URL or path of the annotation file.")
    images: InputPlace = Field(
        default="",
        description="URL or path of the folder that image names are relative to, or of the files that hold"
        " the images: a folder, a file, or a pattern like s3://data/{00000..00099}.tar.",
    )
    split: str = Field(default="test", description="Split to explain; 'all' takes every one.")
    limit: int | None = Field(
        default=None,
        ge=1,
        le=1_000_000_000,
        description="Explain only this many images, the first ones, and their captions.",
    )
    tags: tuple[TagName, ...] = Field(
        default=(),
        max_length=20,
        description="Columns of the annotations that are kept as tags of items, by which results are sliced.",
    )
    edits: tuple[Annotated[str, Known(EDITS)], ...] = Field(
        default=(),
        description="Edits of every right caption, by an English lexicon; they become candidates and are held"
        " against it.",
    )
    regions: InputPlace = Field(
        default="",
        description="URL of the instances or panoptic JSON whose objects are the regions of segmentation"
        " method 'given'.",
    )
    region_label_maps: InputPlace = Field(
        default="", description="URL of the folder of panoptic PNGs that regions names."
    )
    object_column: str = Field(
        default="",
        max_length=80,
        description="Column with the objects of an image, their boxes and names; a region is labelled by the"
        " box that covers most of it.",
    )
    object_box: Literal["xywh", "xyxy"] = Field(
        default="xywh",
        description="Numbers of a box in object_column: x, y, width, height, or the x and y of two corners.",
    )
    instances: InputPlace = Field(
        default="",
        description="URL of MS COCO's instances JSON; a region that is cut is labelled by the box that covers"
        " most of it.",
    )
    image_column: str = Field(default="image", description="Column with the images.")
    caption_column: str = Field(
        default="caption", description="Column with a caption, or with a list of them."
    )
    id_column: str = Field(default="", description="Column with the images' ids; empty numbers the rows.")
    left_column: str = Field(
        default="query", description="Column of what asks; NAME_id may hold ids of texts."
    )
    right_column: str = Field(
        default="candidate", description="Column of what answers; ids of texts as with left_column."
    )
    label_column: str = Field(
        default="relevance",
        description="Column of how much the two match; empty where all do. A table without any such column"
        " needs none.",
    )
    relevant_above: float = Field(
        default=0.0,
        ge=-1e9,
        le=1e9,
        description="Labels above this number are matches, like 3.5 of a scale from 0 to 5.",
    )
