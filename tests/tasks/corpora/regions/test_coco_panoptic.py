"""Panoptic PNGs as label maps.

Proves tasks.corpora.regions.object_maps.
"""

import io
import json

import numpy as np
import pytest
from PIL import Image

from ilime_core.errors import FailureReason, IlimeWarning, ItemError
from tasks.corpora.regions.coco_panoptic import read_panoptic
from tasks.corpora.regions.object_maps import open_object_maps
from tasks.spec import CorpusParameters
from tasks.storage.storage import Storage

FAR = 3 + 256 * 4 + 65536 * 5
SEGMENTS = [{"id": 9, "category_id": 1, "iscrowd": 0}, {"id": FAR, "category_id": 2, "iscrowd": 1}]


def png(ids):
    ids = np.asarray(ids)
    colours = np.stack([ids % 256, ids // 256 % 256, ids // 65536], axis=-1).astype(np.uint8)
    stream = io.BytesIO()
    Image.fromarray(colours).save(stream, format="PNG")
    return stream.getvalue()


def drawn(image_id, name="a.png", segments=SEGMENTS):
    return {"image_id": image_id, "file_name": name, "segments_info": segments}


@pytest.fixture
def root(tmp_path):
    return Storage(str(tmp_path / "x"))


@pytest.fixture
def read(root):
    def write_and_read(*annotations, pictures=()):
        root.write("panoptic.json", json.dumps({"annotations": annotations}).encode())
        for name, data in dict(pictures).items():
            root.write(f"masks/{name}", data)
        return read_panoptic(f"{root.url}/panoptic.json", f"{root.url}/masks")

    return write_and_read


def test_colours_are_numbered_as_the_json_has_them_and_black_is_background(read):
    picture = png([[0, FAR, FAR], [9, 9, FAR]])
    maps = read(drawn(42), drawn(43, "none.png", []), pictures={"a.png": picture})
    assert maps.image_ids == {"42"}
    assert maps.label_map("42").tolist() == [[0, 2, 2], [1, 1, 2]]


def test_segments_have_the_names_of_their_categories(root):
    tree = {"annotations": [drawn(42)], "categories": [{"id": 2, "name": "sky"}, {"id": 7, "name": "sea"}]}
    root.write("panoptic.json", json.dumps(tree).encode())
    maps = read_panoptic(f"{root.url}/panoptic.json", f"{root.url}/masks")
    assert maps.names("42") == {2: "sky"}
    assert maps.names("43") == {}


def test_a_colour_that_the_json_does_not_name_fails_the_image(read):
    maps = read(drawn(42), pictures={"a.png": png([[9, 10]])})
    with pytest.raises(ItemError, match=r"masks/a\.png: has segment 10, .*annotations\[0\]\.segments_info"):
        maps.label_map("42")


def test_absent_and_broken_pictures_fail_their_image(read):
    maps = read(drawn(42), drawn(43, "broken.png"), pictures={"broken.png": b"no picture"})
    for image_id, reason in (("42", FailureReason.ABSENT), ("43", FailureReason.UNDECODABLE)):
        with pytest.raises(ItemError) as caught:
            maps.label_map(image_id)
        assert caught.value.reason is reason


@pytest.mark.parametrize(
    ("annotation", "complaint"),
    [
        (drawn(42, "../a.png"), r"annotations\[1\]\.file_name: key"),
        (drawn(41), r"annotations\[1\]: the image id '41' occurs at .*annotations\[0\] already"),
        (drawn(42, segments=[*SEGMENTS, {"id": 9}]), r"annotations\[1\]: segments_info has an id twice"),
        (drawn(42, segments=[{"id": 0}]), r"annotations\[1\]: segments_info has an id twice, or 0"),
        (drawn(42, segments=[{"id": "9"}]), r"segments_info\[0\]\.id: got \"9\"; needed is the segment's id"),
        ({"image_id": 42, "file_name": "a.png"}, r"annotations\[1\]: 'segments_info' is absent"),
        ({"image_id": 42, "segments_info": []}, r"annotations\[1\]: 'file_name' is absent"),
    ],
)
def test_what_cannot_be_used_fails_its_image_with_its_place(read, annotation, complaint):
    maps = read(drawn(41), annotation, drawn(40), pictures={"a.png": png([[9, FAR]])})
    own = str(annotation["image_id"])
    assert own in maps.image_ids
    with pytest.raises(ItemError, match=complaint) as caught:
        maps.label_map(own)
    assert caught.value.reason is FailureReason.MALFORMED
    assert maps.label_map("40").max() == 2


def test_what_is_of_no_image_is_passed_over_with_a_warning(read):
    with pytest.warns(
        IlimeWarning, match=r"1 annotations tell no image .*annotations\[1\]: 'image_id' is absent"
    ):
        maps = read(drawn(41), {"file_name": "a.png", "segments_info": []})
    assert maps.image_ids == {"41"}


def test_fingerprints_move_with_the_pictures_asked_for_and_with_nothing_else(read):
    pictures = {"a.png": png([[9]]), "b.png": png([[9]])}
    both = (drawn(42), drawn(43, "b.png"))
    first = read(*both, pictures=pictures).fingerprints(["42", "unknown"])
    other = read(*both, pictures={"b.png": png([[0]])}).fingerprints(["42", "unknown"])
    assert first == other
    changed = read(*both, pictures={"a.png": png([[0]])}).fingerprints(["42"])
    [document] = first.keys() - {"a.png"}
    assert changed[document] == first[document]
    assert changed["a.png"] != first["a.png"]
    assert read(drawn(42)).fingerprints(["42"])[document] != first[document]


def test_a_process_reads_the_annotations_once(read, root):
    read(drawn(42))
    asked = CorpusParameters(
        format="coco_captions",
        annotations="a.json",
        images="i",
        regions=f"{root.url}/panoptic.json",
        region_label_maps=f"{root.url}/masks",
    )
    assert open_object_maps(asked) is open_object_maps(asked)
