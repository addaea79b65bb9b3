"""The section ``faithfulness.truth``: who says which regions show what words name."""

from typing import Literal

from pydantic import Field, model_validator

from tasks.parameters import InputPlace, Parameters

__all__ = ["TruthParameters"]


class TruthParameters(Parameters, frozen=True):
    """Boxes or label maps of what captions name; without them localisation is not measured."""

    format: Literal["none", "spans", "coco_objects", "flickr30k_entities", "imagenet_mosaics"] = Field(
        default="none",
        description="Layout of the truth: spans of captions with boxes (regions.json), the objects of an"
        " MS COCO instances file, the entities of Flickr30k, the quadrants of corpus format imagenet_mosaics"
        " (which needs no file), or nothing.",
    )
    annotations: InputPlace = Field(
        default="",
        description="spans and coco_objects: URL of the JSON file; flickr30k_entities: of the folder"
        " Annotations with an XML file an image.",
    )
    label_maps: InputPlace = Field(
        default="",
        description="spans: URL of a folder of label maps, NAME.png for each image; a span's label is its"
        " number there. Without it boxes are read.",
    )
    sentences: InputPlace = Field(
        default="",
        description="flickr30k_entities: URL of the folder Sentences with a text file an image.",
    )

    @model_validator(mode="after")
    def _places_where_needed(self) -> "TruthParameters":
        given = [name for name in ("annotations", "label_maps", "sentences") if getattr(self, name)]
        if self.format in ("none", "imagenet_mosaics"):
            if given:
                raise ValueError(
                    f"{given[0]} is given, but format is {self.format}; say which layout it has, or omit it"
                )
            return self
        if not self.annotations:
            raise ValueError(
                f"format: {self.format} needs annotations, the URL of what says where things are"
            )
        if self.format == "flickr30k_entities" and not self.sentences:
            raise ValueError("format: flickr30k_entities needs sentences, the URL of the folder Sentences")
        for name, owner in (("label_maps", "spans"), ("sentences", "flickr30k_entities")):
            if name in given and self.format != owner:
                raise ValueError(f"{name} goes with format: {owner}, got format: {self.format}")
        return self
