"""Pixels of opened images: every format, mode and depth becomes the same RGB.

Proves ilime_core.pictures.png_chunks.
"""

import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from every import every
from picture_files import corners, encoded, opened, raw_png
from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK

from ilime_core.pictures.decoding import ImageLimits, open_image
from ilime_core.pictures.png_chunks import without_large_texts


@pytest.mark.parametrize(
    ("image_format", "options"), [("PNG", {}), ("BMP", {}), ("TIFF", {}), ("WEBP", {"lossless": True})]
)
def test_lossless_formats_give_their_pixels(image_format, options):
    np.testing.assert_array_equal(opened(corners(), image_format, **options), np.asarray(corners()))


def test_jpeg_gives_nearly_its_pixels():
    pixels = opened(Image.new("RGB", (16, 16), (200, 30, 90)), "JPEG", quality=95)
    assert np.abs(pixels.astype(int) - [200, 30, 90]).max() <= 3


def test_an_animation_shows_its_first_frame():
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    assert opened(frames[0], "GIF", save_all=True, append_images=frames[1:])[0, 0].tolist() == [255, 0, 0]


def test_transparency_is_composited_on_white():
    layer = Image.new("RGBA", (3, 1))
    layer.putdata([(255, 0, 0, 255), (255, 0, 0, 0), (0, 0, 0, 102)])
    assert opened(layer).tolist() == [[[255, 0, 0], [255, 255, 255], [153, 153, 153]]]


def test_a_tall_layer_is_composited_in_strips_as_in_one():
    rng = np.random.default_rng(0)
    layer = Image.fromarray(rng.integers(0, 256, (600, 2, 4), dtype=np.uint8))
    white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
    whole = np.asarray(Image.alpha_composite(white, layer).convert("RGB"))
    np.testing.assert_array_equal(opened(layer), whole)
    palette = layer.convert("RGB").quantize(16)
    palette.info["transparency"] = 3
    marked = Image.alpha_composite(white, palette.convert("RGBA")).convert("RGB")
    np.testing.assert_array_equal(opened(palette, transparency=3), np.asarray(marked))


@pytest.mark.parametrize("kind", ["zTXt", "iTXt", "iCCP", "many tEXt"])
def test_texts_too_large_for_the_decoder_do_not_spoil_the_picture(kind):
    large = b"x" * (MAX_TEXT_CHUNK + 1)
    chunk = {
        "zTXt": [(b"zTXt", b"Comment\0\0" + zlib.compress(large))],
        "iTXt": [(b"iTXt", b"Comment\0\1\0en\0Comment\0" + zlib.compress(large))],
        "iCCP": [(b"iCCP", b"profile\0\0" + zlib.compress(large))],
        "many tEXt": [(b"tEXt", b"Comment\0" + b"x" * 2**20)] * 65,
    }[kind]
    plain = encoded(corners(), "PNG")
    head = 8 + 25  # signature and IHDR
    added = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        for name, data in chunk
    )
    with_texts = plain[:head] + added + plain[head:]
    with pytest.raises(ValueError, match=r"Decompressed|Too much memory"):
        Image.open(io.BytesIO(with_texts)).load()
    limits = ImageLimits(max_bytes=2**28)
    np.testing.assert_array_equal(np.asarray(open_image(with_texts, limits).image), np.asarray(corners()))
    assert without_large_texts(plain) is plain


def test_grey_with_alpha_and_transparent_palettes_are_composited_too():
    grey = Image.new("LA", (2, 1))
    grey.putdata([(0, 255), (0, 0)])
    assert opened(grey).tolist() == [[[0] * 3, [255] * 3]]
    palette = Image.new("P", (2, 1))
    palette.putpalette([10, 20, 30, 40, 50, 60])
    palette.putdata([0, 1])
    assert opened(palette, transparency=1).tolist() == [[[10, 20, 30], [255, 255, 255]]]
    assert opened(palette).tolist() == [[[10, 20, 30], [40, 50, 60]]]


def test_one_bit_and_eight_bit_greys_become_rgb():
    bits = Image.new("1", (2, 1))
    bits.putdata([0, 1])
    assert opened(bits).tolist() == [[[0] * 3, [255] * 3]]
    assert opened(Image.new("L", (1, 1), 77)).tolist() == [[[77] * 3]]


@pytest.mark.parametrize("image_format", ["PNG", "TIFF"])
def test_sixteen_bit_greys_are_scaled_not_clipped(image_format):
    values = np.array([[0, 257, 32768, 65535]], dtype=np.uint16)
    pixels = opened(Image.fromarray(values), image_format)
    assert pixels[0, :, 0].tolist() == [0, 1, 128, 255]
    assert (pixels[..., 0] == pixels[..., 2]).all()


def test_sixteen_bit_colour_is_scaled():
    rows = struct.pack(">B6H", 0, 65535, 32768, 0, 257, 65535, 0)
    assert np.asarray(open_image(raw_png(2, 1, 16, 2, rows)).image).tolist() == [[[255, 128, 0], [1, 255, 0]]]


def test_a_transparent_grey_of_sixteen_bits_is_white():
    data = encoded(Image.fromarray(np.array([[0, 1000]], dtype=np.uint16)), "PNG", transparency=0)
    assert np.asarray(open_image(data).image)[0, :, 0].tolist() == [255, 4]


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(image_format):
    pixels = opened(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), image_format)
    assert np.abs(pixels[4, 4].astype(int) - [0, 255, 255]).max() <= 3


def test_many_threads_see_the_same_pixels_and_no_global_state_moves():
    before = Image.MAX_IMAGE_PIXELS
    data = encoded(
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 80, 3), dtype=np.uint8)), "JPEG"
    )
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: np.asarray(open_image(data).image), range(40)))
    assert every(np.array_equal(picture, pictures[0]) for picture in pictures)
    assert before == Image.MAX_IMAGE_PIXELS
