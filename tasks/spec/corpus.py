"""The section ``corpus``, held against what its format reads and needs."""

from typing import Annotated, cast

from pydantic import Field, model_validator

from tasks.corpora.fields import CorpusFields
from tasks.corpora.format import ANNOTATIONS, IMAGES
from tasks.corpora.registry import FORMATS
from tasks.parameters import Known, check_once

__all__ = ["CorpusParameters"]

_PLACES = frozenset({*ANNOTATIONS, *IMAGES})
"""A place that a format does not need is ignored, because `ilime init` writes both."""


class CorpusParameters(CorpusFields, frozen=True):
    """Corpus: format and places of images and captions."""

    format: Annotated[str, Known(FORMATS)] = Field(default="karpathy", description="Layout of the corpus.")

    @model_validator(mode="before")
    @classmethod
    def _split_of_the_format(cls, data: object) -> object:
        if not isinstance(data, dict):
            return data
        given = cast("dict[str, object]", data)
        found = FORMATS.entries.get(str(given.get("format")))
        return given if found is None else {"split": found.split} | given

    @model_validator(mode="after")
    def _tags_once(self) -> "CorpusParameters":
        check_once(self, "tags")
        return self

    @model_validator(mode="after")
    def _needed_fields(self) -> "CorpusParameters":
        for name, example in FORMATS[self.format].required.items():
            if not getattr(self, name):
                raise ValueError(f"format: {self.format} needs {name}, {example}")
        return self

    @model_validator(mode="after")
    def _fields_that_the_format_reads(self) -> "CorpusParameters":
        read = FORMATS[self.format].fields
        for name, field in type(self).model_fields.items():
            value = getattr(self, name)
            if name not in read | _PLACES and value != field.default:
                readers = " or ".join(
                    format_ for format_, one in FORMATS.entries.items() if name in one.fields
                )
                raise ValueError(f"{name} goes with format: {readers}, got format: {self.format}")
        check_once(self, "edits")
        if self.object_box != "xywh" and not self.object_column:
            raise ValueError("object_box goes with object_column, the column that holds the boxes")
        if self.region_label_maps and not self.regions:
            raise ValueError("region_label_maps goes with regions, the panoptic JSON that names its files")
        return self
