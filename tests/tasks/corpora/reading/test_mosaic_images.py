"""Mosaics are made of the files that their entry names, each in its quadrant."""

import io

import numpy as np
import pytest
from imagenet_folder import colour_of, draw, lay_out
from PIL import Image

from ilime_core.errors import ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.reading.imagenet_classes import class_images
from tasks.corpora.reading.mosaic_images import SIDE, MosaicImages, mosaic_entry
from tasks.storage.storage import Storage

FOUR = ("goldfish", "husky", "pizza", "tractor")


@pytest.fixture
def folder(tmp_path):
    return lay_out(tmp_path / "val", "wnid")


@pytest.fixture
def keys(folder):
    found = class_images(str(folder))
    return [found[name][1] for name in FOUR]


def test_each_quadrant_is_the_whole_image_resized(folder, keys):
    files = MosaicImages(Storage(str(folder)))
    data = files.read(mosaic_entry("a-01.png", keys))
    pixels = np.asarray(Image.open(io.BytesIO(data)))
    assert pixels.shape == (448, 448, 3)
    for place, name in enumerate(FOUR):
        top, left = place // 2 * SIDE, place % 2 * SIDE
        quadrant = pixels[top : top + SIDE, left : left + SIDE]
        own = draw(name, 1).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
        assert (quadrant == np.asarray(own)).all()
        assert tuple(quadrant[-1, -1]) == colour_of(name)
    assert files.read_known(mosaic_entry("a-01.png", keys)) == (data, None)


def test_a_mosaic_has_the_fingerprint_of_its_files_and_their_places(folder, keys):
    files = MosaicImages(Storage(str(folder)))
    first, turned, absent, again = files.fingerprints(
        [
            mosaic_entry("a-00.png", keys),
            mosaic_entry("a-00.png", keys[::-1]),
            mosaic_entry("a-00.png", [*keys[:3], "n01443537/none.JPEG"]),
            mosaic_entry("b-00.png", keys),
        ]
    )
    assert first == again
    assert first.startswith("member:")  # checked when a block has been read
    assert first != turned
    assert absent is None
    draw("cat", 5).save(folder / keys[3], format="PNG")
    assert MosaicImages(Storage(str(folder))).fingerprints([mosaic_entry("a-00.png", keys)]) != [first]


def test_the_title_of_a_mosaic_is_its_name(keys):
    entry = mosaic_entry("a-00.png", keys)
    assert (entry.title, entry.external_id) == ("a-00.png", "a-00")


@pytest.mark.parametrize("member", [None, "", "[", "[1, 2, 3, 4]", '["a", "b", "c"]', '{"a": 1}'])
def test_an_entry_that_names_no_four_files_is_malformed(folder, member):
    with pytest.raises(ItemError, match="a mosaic needs the names of 4 files"):
        MosaicImages(Storage(str(folder))).read(ImageEntry("a.png", "a", member))


def test_a_file_outside_the_folder_is_not_read(folder, keys):
    with pytest.raises(ItemError):
        MosaicImages(Storage(str(folder))).read(mosaic_entry("a.png", [*keys[:3], "../secret.png"]))
