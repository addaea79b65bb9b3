"""Orientation of opened images: pictures are turned upright as their EXIF or XMP says."""

import numpy as np
import pytest
from picture_files import corners, encoded
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from ilime_core.pictures.decoding import open_image


def test_orientation_in_a_text_is_still_read():
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    assert open_image(encoded(corners(), "PNG", pnginfo=info)).exif_orientation == 6


# Where the three coloured corners of the stored picture must be seen, by EXIF orientation.
UPRIGHT = {
    1: ("r.g", "b.."),
    2: ("g.r", "..b"),
    3: ("..b", "g.r"),
    4: ("b..", "r.g"),
    5: ("rb", "..", "g."),
    6: ("br", "..", ".g"),
    7: (".g", "..", "br"),
    8: ("g.", "..", "rb"),
}
COLOURS = {(255, 0, 0): "r", (0, 255, 0): "g", (0, 0, 255): "b", (0, 0, 0): "."}


@pytest.mark.parametrize("orientation", UPRIGHT)
@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_orientation_turns_the_picture_upright(orientation, image_format):
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = open_image(encoded(corners(), image_format, exif=exif))
    pixels = np.asarray(got.image).tolist()
    assert tuple("".join(COLOURS[tuple(p)] for p in row) for row in pixels) == UPRIGHT[orientation]
    assert (got.width, got.height) == (got.image.width, got.image.height) == (len(pixels[0]), len(pixels))
    assert got.exif_orientation == orientation


def test_orientation_of_a_jpeg_is_applied():
    exif = Image.Exif()
    exif[0x0112] = 6
    image = Image.new("RGB", (32, 16), "black")
    image.paste("white", (0, 0, 16, 16))
    got = open_image(encoded(image, "JPEG", exif=exif))
    assert (got.width, got.height) == (16, 32)
    assert np.asarray(got.image)[4, 8].min() > 250  # what was left is now on top
    assert np.asarray(got.image)[28, 8].max() < 5


@pytest.mark.parametrize("orientation", [0, 9, 4711])
def test_nonsense_orientation_is_ignored(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    got = open_image(encoded(corners(), "PNG", exif=exif))
    assert got.exif_orientation == 1
    np.testing.assert_array_equal(np.asarray(got.image), np.asarray(corners()))
