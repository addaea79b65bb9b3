"""Mosaics are laid out whole, again the same, and say which quadrant is which photograph."""

import json
import os
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
from PIL import Image

from ilime_core.errors import InputError
from ilime_core.pictures.decoding import label_map_from_png, open_image
from tasks.corpora.demos.mosaics import NOUNS, SIDE, draw_mosaics, materialise_mosaics
from tasks.corpora.demos.photographs import PHOTOGRAPHS, read_photograph
from tasks.corpora.formats.karpathy import read_karpathy
from tasks.corpora.regions.named_spans import read_regions

N = 4


@pytest.fixture(scope="module")
def mosaics(tmp_path_factory):
    return materialise_mosaics(tmp_path_factory.mktemp("mosaics"), N, seed=3)


@pytest.fixture(scope="module")
def corpus(mosaics):
    return read_karpathy(str(mosaics.annotations), str(mosaics.images), "test")


def quadrant(array, place):
    row, column = divmod(place, 2)
    return array[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]


def middle(filename):
    (photograph,) = (one for one in PHOTOGRAPHS if one.filename == filename)
    image = open_image(read_photograph(photograph)).image
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return np.asarray(image.crop((left, top, left + side, top + side)).resize((SIDE, SIDE)), dtype=float)


def test_each_quadrant_is_the_middle_of_its_photograph(mosaics, corpus):
    for entry, mosaic in zip(corpus.left, draw_mosaics(N, 3), strict=True):
        pixels = np.asarray(Image.open(mosaics.images / entry.uri), dtype=float)
        assert pixels.shape == (2 * SIDE, 2 * SIDE, 3)
        for place, filename in enumerate(mosaic.filenames):
            own = quadrant(pixels, place)
            # resized by another filter: near to its own photograph, far from all others
            distances = {name: np.abs(own - middle(name)).mean() for name in NOUNS}
            assert min(distances, key=distances.get) == filename
            assert distances[filename] < 5


def test_captions_name_all_four_in_their_order(corpus):
    for text, mosaic in zip(corpus.right, draw_mosaics(N, 3), strict=True):
        first, second, third, fourth = (" ".join(NOUNS[mosaic.filenames[place]]) for place in mosaic.told)
        assert text.text == f"{first}, {second}, {third} and {fourth}"


def test_spans_labels_and_boxes_name_the_same_quadrant(mosaics, corpus):
    regions = read_regions(str(mosaics.regions), corpus)
    assert [caption.text_index for caption in regions] == list(range(N))
    for entry, caption, mosaic in zip(corpus.left, regions, draw_mosaics(N, 3), strict=True):
        labels = label_map_from_png((mosaics.label_maps / entry.uri).read_bytes())
        for span, place in zip(caption.spans, mosaic.told, strict=True):
            assert span.text == NOUNS[mosaic.filenames[place]][1]
            assert np.unique(quadrant(labels, place)).tolist() == [span.label]
            (box,) = span.boxes
            rows, columns = np.nonzero(labels == span.label)
            assert (box.x, box.x + box.width) == (columns.min(), columns.max() + 1)
            assert (box.y, box.y + box.height) == (rows.min(), rows.max() + 1)


def test_every_set_of_four_comes_once_before_one_comes_again():
    sets = [frozenset(mosaic.filenames) for mosaic in draw_mosaics(70)]
    every = {frozenset(chosen) for chosen in combinations(NOUNS, 4)}
    assert len(every) == 35
    assert set(sets[:35]) == set(sets[35:]) == every
    assert sets[:35] != sets[35:]


def test_places_and_orders_are_drawn_evenly():
    mosaics = list(draw_mosaics(700))
    for position in range(4):
        assert min(Counter(mosaic.told[position] for mosaic in mosaics).values()) > 130  # of 175
        shown = Counter(mosaic.filenames[position] for mosaic in mosaics)
        assert min(shown[name] for name in NOUNS) > 65  # of 100


def test_number_and_seed_are_what_is_asked_for():
    assert list(draw_mosaics(9))[:4] == list(draw_mosaics(4))
    assert list(draw_mosaics(4, 1)) != list(draw_mosaics(4, 0))


def test_a_second_layout_touches_nothing_and_repairs_what_was_changed(tmp_path):
    first = materialise_mosaics(tmp_path, 2)
    files = [path for path in sorted(tmp_path.rglob("*")) if path.is_file()]
    assert Counter(path.suffix for path in files) == {".png": 4, ".json": 2}
    contents = {path: path.read_bytes() for path in files}
    for path in files:
        os.utime(path, (1, 1))
    (first.images / "mosaic-00001.png").write_bytes(b"")
    assert materialise_mosaics(tmp_path, 2) == first
    assert {path: path.read_bytes() for path in files} == contents
    assert [path.name for path in files if path.stat().st_mtime != 1] == ["mosaic-00001.png"]


def test_more_of_a_seed_leave_the_first_ones_as_they_are(tmp_path):
    few, more = (materialise_mosaics(tmp_path / str(n), n) for n in (1, 2))
    assert (few.images / "mosaic-00000.png").read_bytes() == (more.images / "mosaic-00000.png").read_bytes()
    rows = [json.loads(one.regions.read_text())["regions"] for one in (few, more)]
    assert rows[1][:1] == rows[0]


def test_no_mosaic_is_no_corpus(tmp_path):
    with pytest.raises(InputError, match="one mosaic or more, got 0"):
        materialise_mosaics(tmp_path, 0)


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(InputError, match=r"cannot lay the mosaics out: .*; choose another folder"):
        materialise_mosaics(tmp_path / "file", 1)
