"""The spec's truth is read once, by its format, and only where captions speak of images."""

import json

import pytest

from ilime_core.errors import InputError
from tasks.spec import CorpusParameters
from tasks.spec.truth import TruthParameters
from tasks.truth import open_truth
from tasks.truth.coco_objects import CocoTruth
from tasks.truth.flickr30k_entities import EntityTruth
from tasks.truth.spans import SpanTruth

CORPUS = CorpusParameters(annotations="a.json", images="images")
PAIRS = CorpusParameters(format="image_pairs", annotations="a.csv", images="images")


def test_each_format_has_its_reader_and_is_read_once(root):
    root.write("regions.json", json.dumps({"regions": []}).encode())
    root.write(
        "instances.json",
        json.dumps({"images": [], "annotations": [], "categories": [{"id": 1, "name": "dog"}]}).encode(),
    )
    root.write("xml/1.xml", b"<annotation/>")
    root.write("txt/1.txt", b"A man")
    for parameters, kind in (
        ({"format": "spans", "annotations": f"{root.url}/regions.json"}, SpanTruth),
        ({"format": "coco_objects", "annotations": f"{root.url}/instances.json"}, CocoTruth),
        (
            {
                "format": "flickr30k_entities",
                "annotations": f"{root.url}/xml",
                "sentences": f"{root.url}/txt",
            },
            EntityTruth,
        ),
    ):
        truth = open_truth(TruthParameters(**parameters), CORPUS)
        assert isinstance(truth, kind)
        assert open_truth(TruthParameters(**parameters), CORPUS) is truth


def test_label_maps_reach_the_reader(root):
    root.write("regions.json", json.dumps({"regions": []}).encode())
    url = f"{root.url}/regions.json"
    truth = open_truth(
        TruthParameters(format="spans", annotations=url, label_maps=f"{root.url}/maps"), CORPUS
    )
    assert truth.label_maps.url == f"{root.url}/maps"
    assert open_truth(TruthParameters(format="spans", annotations=url), CORPUS).label_maps is None


def test_without_a_format_there_is_none():
    assert open_truth(TruthParameters(), CORPUS) is None
    assert open_truth(TruthParameters(), PAIRS) is None


def test_images_that_answer_images_have_no_captions():
    with pytest.raises(InputError, match="a corpus of format image_pairs has no such captions"):
        open_truth(TruthParameters(format="spans", annotations="regions.json"), PAIRS)
