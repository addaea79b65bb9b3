"""Spans with boxes or numbers of a label map: of the right caption and image, or none.

Proves tasks.truth.fingerprints and tasks.truth.truth.
"""

import json

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.pictures.decoding import label_map_png
from tasks.corpora.regions.named_spans import PixelBox
from tasks.truth.spans import read_span_truth

CAPTION = "a cat on a mat"
CAT = {"char_start": 2, "char_end": 5, "text": "cat", "label": 2, "boxes": [[0, 1, 2, 3], [4, 4, 1, 1]]}
MAT = {"char_start": 11, "char_end": 14, "text": "mat", "label": 1, "boxes": [[0, 0, 9, 9]]}
LABELS = np.array([[0, 2, 2], [1, 1, 2]])


@pytest.fixture
def read(root):
    def write_and_read(*spans, label_maps=False, filename="a/b.jpg"):
        tree = {"regions": [{"filename": filename, "sentid": 7, "spans": list(spans)}]}
        root.write("regions.json", json.dumps(tree).encode())
        return read_span_truth(f"{root.url}/regions.json", f"{root.url}/label_maps" if label_maps else "")

    return write_and_read


def test_boxes_of_spans(read, image, text):
    cat, mat = read(CAT, MAT).parts(image("a/b.jpg"), text(CAPTION, "7"))
    assert (cat.char_start, cat.char_end) == (2, 5)
    assert cat.shows == (PixelBox(0, 1, 2, 3), PixelBox(4, 4, 1, 1))
    assert CAPTION[mat.char_start : mat.char_end] == "mat"


def test_parts_of_spans_are_their_numbers_in_the_label_map(read, root, image, text):
    root.write("label_maps/a/b.png", label_map_png(LABELS))
    cat, mat = read(CAT, MAT, label_maps=True).parts(image("a/b.jpg"), text(CAPTION, "7"))
    assert np.array_equal(cat.shows, LABELS == 2)
    assert np.array_equal(mat.shows, LABELS == 1)


def test_other_captions_and_other_images_have_none(read, image, text):
    truth = read(CAT)
    assert truth.parts(image("a/b.jpg"), text(CAPTION, "8")) == ()
    assert truth.parts(image("a/c.jpg"), text(CAPTION, "7")) == ()


def test_a_caption_that_reads_otherwise_is_refused(read, image, text):
    with pytest.raises(InputError, match=r"regions\[0\].spans\[0\]: got 'text' 'cat'; .* has there, 'dog'"):
        read(CAT).parts(image("a/b.jpg"), text("a dog on a mat", "7"))


@pytest.mark.parametrize("label", [None, 0])
def test_label_maps_need_numbers(read, image, text, label):
    truth = read(CAT, MAT | {"label": label}, label_maps=True)
    with pytest.raises(
        InputError, match=rf"regions\[0\].spans\[1\]: 'label' is {label}; with label maps each"
    ):
        truth.parts(image("a/b.jpg"), text(CAPTION, "7"))
    with pytest.raises(
        InputError, match=rf"regions\[0\].spans\[0\]: 'label' is {label}; with label maps each"
    ):
        read(CAT | {"label": label}, MAT | {"label": label}, label_maps=True)


def test_label_maps_that_cannot_be_used_are_named(read, root, image, text):
    truth = read(CAT, label_maps=True)
    with pytest.raises(InputError, match=r"there is no label map .*/label_maps/a/b.png"):
        truth.parts(image("a/b.jpg"), text(CAPTION, "7"))
    root.write("label_maps/a/b.png", b"no picture")
    with pytest.raises(InputError, match=r"label_maps/a/b.png: not an image of a known format"):
        truth.parts(image("a/b.jpg"), text(CAPTION, "7"))


def test_the_fingerprint_follows_spans_and_maps_and_not_their_place(read, root):
    root.write("label_maps/b.png", label_map_png(LABELS))
    plain, masked = read(CAT).fingerprint(), read(CAT, label_maps=True).fingerprint()
    assert len({plain, masked, read(MAT).fingerprint()}) == 3
    assert read(CAT).fingerprint() == plain
    root.write("label_maps/b.png", label_map_png(LABELS.T))
    assert read(CAT).fingerprint() == plain
    assert read(CAT, label_maps=True).fingerprint() != masked
