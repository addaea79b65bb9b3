"""MS COCO's objects as label maps: outlines, run lengths in both forms, overlaps, and what is refused.

Proves tasks.corpora.images.faults.
"""

import json

import numpy as np
import pytest

from ilime_core.errors import FailureReason, IlimeWarning, InputError, ItemError
from ilime_core.segmentation.run_length import encode_mask
from tasks.corpora.regions.coco_instances import read_instances
from tasks.storage.storage import Storage

HEIGHT, WIDTH = 4, 6
IMAGES = [{"id": 7, "height": HEIGHT, "width": WIDTH}, {"id": 8, "height": 2, "width": 3}]


def rectangle(left, top, right, bottom):
    return [left, top, right, top, right, bottom, left, bottom]


def drawn(segmentation, image_id=7, **others):
    return {"id": 1, "image_id": image_id, "category_id": 3, "segmentation": segmentation, **others}


def mask(*rows):
    return np.array([[cell == "x" for cell in row] for row in rows])


@pytest.fixture
def read(tmp_path):
    root = Storage(str(tmp_path / "x"))

    def write_and_read(*annotations, images=None):
        tree = {"images": IMAGES if images is None else images, "annotations": list(annotations)}
        root.write("instances_val2017.json", json.dumps(tree).encode())
        return read_instances(f"{root.url}/instances_val2017.json")

    return write_and_read


def test_outlines_of_one_object_are_one_region_and_the_rest_is_background(read):
    maps = read(drawn([rectangle(0, 0, 2, 2), rectangle(4.0, 2.4, 6, 4)]), drawn([rectangle(0, 3, 9, 9)]))
    assert maps.image_ids == {"7"}
    assert maps.label_map("7").tolist() == [
        [1, 1, 0, 0, 0, 0],
        [1, 1, 0, 0, 0, 0],
        [0, 0, 0, 0, 1, 1],
        [2, 2, 2, 2, 2, 2],  # 6 pixels lie above 8
    ]


SHAPE = mask("..xx..", "..xx..", "..xxx.", "......")
RUNS = [8, 3, 1, 3, 3, 1, 5]  # down the columns, from 0


@pytest.mark.parametrize(
    "counts", [RUNS, encode_mask(SHAPE)], ids=["a list, as of crowds", "compressed text"]
)
def test_run_lengths_in_both_forms(read, counts):
    maps = read(drawn({"counts": counts, "size": [HEIGHT, WIDTH]}, iscrowd=1))
    assert np.array_equal(maps.label_map("7") == 1, SHAPE)


def test_a_crowd_lies_below_what_is_smaller(read):
    crowd = drawn({"counts": [0, HEIGHT * WIDTH], "size": [HEIGHT, WIDTH]}, iscrowd=1)
    labels = read(crowd, drawn([rectangle(1, 1, 3, 2)])).label_map("7")
    assert (labels == 2).sum() == 2
    assert (labels == 1).sum() == HEIGHT * WIDTH - 2


def test_images_keep_their_own_objects(read):
    maps = read(drawn([rectangle(0, 0, 1, 1)], 8), drawn([rectangle(0, 0, 9, 9)], 7))
    assert maps.label_map("8").tolist() == [[1, 0, 0], [0, 0, 0]]
    assert maps.label_map("7").min() == 1


@pytest.mark.parametrize(
    ("segmentation", "complaint"),
    [
        ([], r"segmentation: got a list of 0; needed is a list of outlines"),
        (7, r"segmentation: got 7; needed is a list of outlines"),
        ([[1, 1, 2, 2]], r"segmentation\[0\]: .*three corners or more"),
        ([[1, 1, 2, 2, 3, 3, 4]], r"segmentation\[0\]: .*three corners or more"),
        ([rectangle(0, 0, 1, 1), ["x"] * 6], r"segmentation\[1\]: got a list of 6; needed is"),
        ([[1, 1, 2, 2, 3, float("inf")]], r"segmentation\[0\]: .*finite"),
        ([[1, 1] * 10_001], r"segmentation\[0\]: has 10001 corners, at most 10,000"),
        ({"size": [4, 6]}, r"segmentation: 'counts' is absent"),
        ({"counts": [24]}, r"segmentation: 'size' is absent"),
        (
            {"counts": ["x"], "size": [4, 6]},
            r"segmentation\.counts: got a list of 1; needed is a list of",
        ),
        (
            {"counts": [1.5], "size": [4, 6]},
            r"segmentation\.counts: got a list of 1; needed is a list of",
        ),
        ({"counts": [24], "size": [24]}, r"segmentation\.size: got a list of 1; needed is \[height, width\]"),
        ({"counts": [24], "size": [0, 6]}, r"segmentation\.size: .*needed is \[height, width\]"),
        (None, r"'segmentation' is null"),
    ],
)
def test_a_segmentation_that_cannot_be_drawn_fails_its_image_with_its_place(read, segmentation, complaint):
    maps = read(drawn([rectangle(0, 0, 1, 1)], 8), drawn(segmentation))
    place = r"^/.*/x/instances_val2017\.json\.annotations\[1\]"
    for draw in (maps.label_map, lambda own: maps.category_mask(own, "1")):
        with pytest.raises(ItemError, match=f"{place}.*{complaint}") as caught:
            draw("7")
        assert caught.value.reason is FailureReason.MALFORMED
    assert maps.label_map("8").max() == 1


@pytest.mark.parametrize(
    ("images", "complaint"),
    [
        ([*IMAGES, IMAGES[0]], r"images\[2\]: the image id '7' occurs earlier already"),
        ([{"id": 7, "height": 4}], r"images\[0\]: 'width' is absent"),
        ([{"id": 7, "height": 0, "width": 1}], r"images\[0\]\.height: got 0"),
        ([IMAGES[1]], r"annotations\[0\]\.image_id: got 7; needed is the id of one of 'images'"),
    ],
)
def test_images_that_do_not_fit_fail_alone(read, images, complaint):
    maps = read(drawn([rectangle(0, 0, 1, 1)]), images=images)
    with pytest.raises(ItemError, match=complaint):
        maps.label_map("7")


def test_an_object_of_no_image_is_passed_over_with_a_warning(read):
    with pytest.warns(
        IlimeWarning, match=r"1 annotations tell no image .*annotations\[1\]: 'image_id' is null"
    ):
        maps = read(drawn([rectangle(0, 0, 1, 1)]), drawn([rectangle(0, 0, 1, 1)], None))
    assert maps.label_map("7").max() == 1


@pytest.mark.parametrize(
    ("counts", "size"),
    [
        ([23], [4, 6]),
        ([8, 17], [4, 6]),
        ([24], [6, 4]),
        ([25, -1], [4, 6]),
        ([2**62, 2**62, 2**62, 2**62, 24], [4, 6]),  # whose sum is 24 again in 64 bits
        ("23~", [4, 6]),
    ],
)
def test_run_lengths_that_do_not_fill_the_picture_fail_their_image_alone(read, counts, size):
    maps = read(drawn({"counts": counts, "size": size}), drawn([rectangle(0, 0, 1, 1)], 8))
    with pytest.raises(ItemError, match=r"annotations\[0\]\.segmentation") as caught:
        maps.label_map("7")
    assert caught.value.reason is FailureReason.UNDECODABLE
    assert maps.label_map("8").max() == 1


def test_a_picture_over_the_limit_fails_before_anything_is_drawn(read):
    huge = [{"id": 7, "height": 10_000, "width": 10_000}]
    with pytest.raises(ItemError, match=r"10000 x 10000 pixels, the limit is 80,000,000") as caught:
        read(drawn([rectangle(0, 0, 1, 1)]), images=huge).label_map("7")
    with pytest.raises(ItemError, match="10000 x 10000"):
        read(drawn([rectangle(0, 0, 1, 1)]), images=huge).category_mask("7", "1")
    assert caught.value.reason is FailureReason.TOO_LARGE


def test_a_panoptic_file_is_told_from_instances(read):
    with pytest.raises(InputError, match=r"panoptic file; set corpus\.region_label_maps"):
        read({"image_id": 7, "file_name": "a.png", "segments_info": [{"id": 1}]})


def test_lists_are_packed_while_they_are_read(read):
    """What is kept of an outline is four bytes a number, so that a process can hold a whole train split."""
    (shape,) = read(drawn([rectangle(0, 0, 2, 2)] * 3)).objects["7"]
    assert [outline.nbytes for outline in shape.value] == [32, 32, 32]
