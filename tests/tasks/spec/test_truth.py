"""The section ``faithfulness.truth`` says what it lacks, and what does not go together."""

import pytest
from pydantic import ValidationError

from tasks.spec.truth import TruthParameters


@pytest.mark.parametrize(
    ("fields", "complaint"),
    [
        ({"annotations": "a.json"}, "annotations is given, but format is none"),
        ({"label_maps": "maps"}, "label_maps is given, but format is none"),
        ({"format": "imagenet_mosaics", "annotations": "a"}, "given, but format is imagenet_mosaics"),
        ({"format": "spans"}, "format: spans needs annotations"),
        ({"format": "coco_objects", "label_maps": "m"}, "format: coco_objects needs annotations"),
        ({"format": "flickr30k_entities", "annotations": "a"}, "flickr30k_entities needs sentences"),
        (
            {"format": "coco_objects", "annotations": "a", "label_maps": "m"},
            "label_maps goes with format: spans",
        ),
        ({"format": "spans", "annotations": "a", "sentences": "s"}, "sentences goes with format: flickr30k"),
        ({"format": "boxes"}, "'coco_objects', 'flickr30k_entities' or 'imagenet_mosaics'"),
    ],
)
def test_what_is_missing_or_too_much(fields, complaint):
    with pytest.raises(ValidationError, match=complaint):
        TruthParameters(**fields)


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"format": "imagenet_mosaics"},
        {"format": "spans", "annotations": "a"},
        {"format": "spans", "annotations": "a", "label_maps": "m"},
        {"format": "coco_objects", "annotations": "a"},
        {"format": "flickr30k_entities", "annotations": "a", "sentences": "s"},
    ],
)
def test_what_is_complete(fields):
    assert TruthParameters(**fields).model_dump(exclude_unset=True) == fields
