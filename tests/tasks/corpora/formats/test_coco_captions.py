"""MS COCO's caption and instances files: what they give, and what is refused by its place.

Proves tasks.corpora.reading.coco_objects.
"""

import json
import re

import pytest
from refusals import refusal

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.corpora.formats.coco_captions import read_coco_captions
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage


def image(own, name, **others):
    return {"id": own, "file_name": name, "width": 640, "coco_url": "http://x", **others}


def caption(own, image_id, text="a cat"):
    return {"id": own, "image_id": image_id, "caption": text}


IMAGES = [image(397133, "000000397133.jpg"), image(37777, "b.jpg"), image(5, "deep/c.jpg")]
CAPTIONS = [caption(38, 37777, "late"), caption(39, 397133, ""), caption(40, 37777, "a dog 🐶\n")]


@pytest.fixture
def read(tmp_path):
    def write_and_read(tree, split="all", name="captions_val2017.json", **options):
        place = tmp_path / name
        place.write_text(json.dumps(tree), encoding="utf-8")
        return read_coco_captions(str(place), str(tmp_path / "photos"), split, **options)

    return write_and_read


SMALL = {"info": {"id": 1}, "images": IMAGES, "annotations": CAPTIONS}


@pytest.mark.parametrize("split", ["all", "val2017"])
def test_images_and_captions_are_listed_each_in_the_order_of_the_file(read, tmp_path, split):
    corpus = read(SMALL, split)
    assert corpus.left == (
        ImageEntry("000000397133.jpg", "397133"),
        ImageEntry("b.jpg", "37777"),
        ImageEntry("deep/c.jpg", "5"),
    )
    assert corpus.right == (
        TextEntry("late", "captions_val2017.json", "0", "38", 1),
        TextEntry("", "captions_val2017.json", "1", "39", 0),
        TextEntry("a dog 🐶\n", "captions_val2017.json", "2", "40", 1),
    )
    assert corpus.relevance == ((1, 0), (0, 1), (1, 2))
    assert (corpus.split, corpus.format) == (split, "coco_captions")


def test_a_limit_takes_the_first_images_and_captions_keep_their_numbers(read):
    corpus = read(SMALL, limit=1)
    assert [entry.uri for entry in corpus.left] == ["000000397133.jpg"]
    assert [(text.member, text.image_index) for text in corpus.right] == [("1", 0)]


@pytest.mark.parametrize("split", ["test", "train2017", "val"])
def test_the_file_is_the_split(read, split):
    with pytest.raises(
        InputError, match=rf"captions_val2017\.json: the file is one split.*'{split}'.* to val2017 or all"
    ):
        read(SMALL, split)


def test_a_file_whose_name_tells_no_split_has_all_only(read):
    assert read(SMALL, "all", "mine.json").split == "all"
    with pytest.raises(InputError, match=r"mine\.json: the file is one split.*set it to all$"):
        read(SMALL, "mine", "mine.json")


@pytest.mark.parametrize(
    ("images", "captions", "complaint"),
    [
        ([], [], "'images' is an empty list"),
        (IMAGES, [], "the 3 images have no caption"),
        ([{"id": 1}], CAPTIONS, r"images\[0\]: 'file_name' is absent"),
        ([{"file_name": "a"}], CAPTIONS, r"images\[0\]: 'id' is absent"),
        (IMAGES, [{"id": 1, "image_id": 5}], r"annotations\[0\]: 'caption' is absent"),
        (IMAGES, [{"id": 1, "caption": "x"}], r"annotations\[0\]: 'image_id' is absent"),
        (IMAGES, [{"image_id": 5, "caption": "x"}], r"annotations\[0\]: 'id' is absent"),
        (IMAGES, [caption(1, 5, 7)], r"annotations\[0\]\.caption: got 7; needed is the caption as text"),
        (IMAGES, [caption(1, 6)], r"annotations\[0\]\.image_id: got 6; needed is the id of one of 'images'"),
        (IMAGES, [caption(1, 5), caption(1, 5)], r"annotations\[1\]: the caption id '1' occurs at .*\[0\]"),
        ([*IMAGES, image(5, "d.jpg")], CAPTIONS, r"images\[3\]: the image id '5' occurs at .*images\[2\]"),
        ([*IMAGES, image(6, "b.jpg")], CAPTIONS, r"images\[3\]: the image 'b.jpg' occurs at .*images\[1\]"),
        ({}, CAPTIONS, r"images: got an object .* needed is the list of images"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place(read, images, captions, complaint):
    assert re.search(complaint, refusal(read, {"images": images, "annotations": captions}))


def test_instances_are_no_captions(read):
    with pytest.raises(InputError, match=r"annotations\[0\]: 'caption' is absent"):
        read({"images": IMAGES, "annotations": [{"id": 1, "image_id": 5, "segmentation": []}]})


@pytest.mark.parametrize("name", ["../a.jpg", "/etc/passwd", "s3://other/a.jpg", "C:\\a.jpg", ""])
def test_a_name_that_leads_elsewhere_is_refused(read, name):
    corpus = read({"images": [*IMAGES, image(6, name)], "annotations": [*CAPTIONS, caption(41, 6)]})
    assert (len(corpus.left), len(corpus.right)) == (3, 3)
    [found] = corpus.rejected
    assert re.search(r"captions_val2017\.json\.images\[3\]\.file_name: key ", found.message)


def test_annotations_and_images_may_lie_on_two_stores(tmp_path):
    here, there = Storage(str(tmp_path / "here")), Storage(str(tmp_path / "there"))
    here.write("captions_val2017.json", json.dumps(SMALL).encode())
    there.write("val2017/deep/c.jpg", b"12345")
    asked = CorpusParameters(
        format="coco_captions",
        annotations=f"{here.url}/captions_val2017.json",
        images=f"{there.url}/val2017",
        split="val2017",
    )
    corpus = open_corpus(asked)
    assert open_images(asked).read(corpus.left[2]) == b"12345"
    with pytest.raises(FileNotFoundError):
        open_images(asked).read(corpus.left[0])


CATEGORIES = [{"id": 17, "name": "Cat"}, {"id": 1, "name": "person"}]


def an_object(image_id, category, bbox=(1, 2, 30.5, 4)):
    return {"id": 9, "image_id": image_id, "category_id": category, "bbox": list(bbox), "segmentation": []}


def test_objects_of_an_instances_file_are_those_of_their_images(read, tmp_path):
    place = tmp_path / "instances_val2017.json"
    objects = [an_object(37777, 17), an_object(37777, 1, (0, 0, 2, 2)), an_object(999, 1)]
    place.write_text(json.dumps({"annotations": objects, "categories": CATEGORIES}))
    corpus = read(SMALL, instances=str(place))
    assert [len(entry.objects) for entry in corpus.left] == [0, 2, 0]
    first, second = corpus.left[1].objects
    assert (first.x, first.y, first.width, first.height, first.name) == (1, 2, 30.5, 4, "Cat")
    assert second.name == "person"


@pytest.mark.parametrize(
    ("objects", "complaint"),
    [
        ([an_object(5, 3)], "category_id"),
        ([an_object(5, 1, (1, 2, 3))], "bbox"),
        ([an_object(5, 1, (1, 2, -3, 4))], "bbox"),
        ([{"image_id": 5, "category_id": 1}], "bbox"),
    ],
)
def test_an_object_that_cannot_be_used_is_named_with_its_place(read, tmp_path, objects, complaint):
    place = tmp_path / "instances.json"
    place.write_text(json.dumps({"annotations": objects, "categories": CATEGORIES}))
    with pytest.raises(InputError, match=rf"instances.json.*annotations.*{complaint}"):
        read(SMALL, instances=str(place))
