"""Words name all objects of their category in the image."""

import json

import numpy as np
import pytest

from ilime_core.errors import InputError
from tasks.truth.coco_objects import read_coco_truth

CATEGORIES = [{"id": 1, "name": "person"}, {"id": 18, "name": "dog"}, {"id": 3, "name": "car"}]


def drawn(category, left, top, right, bottom, image_id=7):
    outline = [left, top, right, top, right, bottom, left, bottom]
    return {"id": 1, "image_id": image_id, "category_id": category, "segmentation": [outline]}


def crowd(category, counts):
    shape = {"counts": counts, "size": [2, 4]}
    return {"id": 9, "image_id": 7, "category_id": category, "segmentation": shape, "iscrowd": 1}


@pytest.fixture
def read(root):
    def write_and_read(*annotations, categories=CATEGORIES):
        tree = {
            "images": [{"id": 7, "height": 2, "width": 4}, {"id": 8, "height": 2, "width": 2}],
            "annotations": list(annotations),
            "categories": categories,
        }
        root.write("instances.json", json.dumps(tree).encode())
        return read_coco_truth(f"{root.url}/instances.json")

    return write_and_read


def test_words_show_all_objects_of_their_category_crowds_too(read, image, text):
    truth = read(drawn(1, 0, 0, 1, 1), drawn(18, 1, 1, 3, 2), crowd(1, [6, 2]), drawn(3, 0, 0, 1, 1, 8))
    man, dog = truth.parts(image("7.jpg", "7"), text("a man, his dog and no car"))
    assert (man.char_start, man.char_end) == (2, 5)
    assert man.shows.tolist() == [[True, False, False, True], [False, False, False, True]]
    assert dog.shows.tolist() == [[False] * 4, [False, True, True, False]]


def test_images_without_objects_show_nothing(read, image, text):
    truth = read(drawn(1, 0, 0, 1, 1))
    assert truth.parts(image("8.jpg", "8"), text("a man")) == ()
    assert truth.parts(image("9.jpg", "9"), text("a man")) == ()
    assert truth.parts(image("7.jpg", "7"), text("grass")) == ()


def test_run_lengths_that_do_not_fit_name_the_image(read, image, text):
    with pytest.raises(InputError, match=r"image 7: .*annotations\[0\].segmentation: got 7 pixels in runs"):
        read(crowd(1, [6, 1])).parts(image("7.jpg", "7"), text("a man"))


def test_categories_are_needed(read):
    with pytest.raises(InputError, match=r"instances.json: 'categories' is absent or empty"):
        read(drawn(1, 0, 0, 1, 1), categories=[])


def test_the_fingerprint_follows_the_file(read):
    one, same, other = (read(drawn(1, 0, 0, 1, bottom)).fingerprint() for bottom in (1, 1, 2))
    assert one == same != other
    assert np.array_equal([len(one)], [64])
