import io
import struct
import zlib
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import MAX_TEXT_CHUNK, PngInfo

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.images import ImageLimits, label_map_from_png, label_map_png, open_image
from tasks.png_chunks import without_large_texts


def encoded(image, image_format, **options):
    stream = io.BytesIO()
    image.save(stream, format=image_format, **options)
    return stream.getvalue()


def opened(image, image_format="PNG", **options):
    return np.asarray(open_image(encoded(image, image_format, **options)).image)


def corners():
    """3 x 2 pixels: red top left, green top right, blue bottom left, the rest black."""
    pixels = np.zeros((2, 3, 3), dtype=np.uint8)
    pixels[0, 0], pixels[0, 2], pixels[1, 0] = (255, 0, 0), (0, 255, 0), (0, 0, 255)
    return Image.fromarray(pixels)


def refusal(data, **limits):
    with pytest.raises(ItemError) as caught:
        open_image(data, ImageLimits(**limits))
    assert "\n" not in str(caught.value)
    return caught.value.reason, str(caught.value)


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


def test_orientation_in_a_text_is_still_read():
    xmp = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'
    info = PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    assert open_image(encoded(corners(), "PNG", pnginfo=info)).exif_orientation == 6


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


def raw_png(width, height, depth, colour, rows):
    def chunk(name, body):
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def test_a_transparent_grey_of_sixteen_bits_is_white():
    data = encoded(Image.fromarray(np.array([[0, 1000]], dtype=np.uint16)), "PNG", transparency=0)
    assert np.asarray(open_image(data).image)[0, :, 0].tolist() == [255, 4]


@pytest.mark.parametrize("image_format", ["JPEG", "TIFF"])
def test_cmyk_becomes_rgb(image_format):
    pixels = opened(Image.new("CMYK", (8, 8), (255, 0, 0, 0)), image_format)
    assert np.abs(pixels[4, 4].astype(int) - [0, 255, 255]).max() <= 3


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


def test_no_bytes_are_empty():
    assert refusal(b"") == (FailureReason.EMPTY, "the image file has no bytes")


@pytest.mark.parametrize(
    "data", [b"hello, this is text", b"\x00" * 100, b"<svg></svg>", b"%!PS-Adobe-3.0 EPSF-3.0\n"]
)
def test_what_is_no_image_is_undecodable(data):
    reason, message = refusal(data)
    assert reason is FailureReason.UNDECODABLE
    assert "known format (JPEG, PNG, WEBP, GIF, BMP, TIFF)" in message


def test_formats_that_are_not_named_are_refused():
    reason, _ = refusal(encoded(corners(), "PPM"))
    assert reason is FailureReason.UNDECODABLE


@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
@pytest.mark.parametrize("share", [0.3, 0.6, 0.9])
def test_images_cut_short_are_undecodable(image_format, share):
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    data = encoded(noise, image_format)
    reason, message = refusal(data[: int(len(data) * share)])
    assert reason is FailureReason.UNDECODABLE
    assert "broken" in message or "not an image" in message


@pytest.mark.filterwarnings("ignore::UserWarning:PIL", "ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("image_format", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_flipped_bytes_open_or_fail_the_item_and_nothing_else(image_format):
    rng = np.random.default_rng(0)
    data = encoded(Image.fromarray(rng.integers(0, 256, (24, 24, 3), dtype=np.uint8)), image_format)
    for _ in range(60):
        broken = np.frombuffer(data, dtype=np.uint8).copy()
        broken[rng.integers(0, min(len(data), 200), size=4)] = rng.integers(0, 256, size=4)
        outcome = outcome_of(broken.tobytes())
        assert outcome in ("RGB", FailureReason.UNDECODABLE, FailureReason.TOO_LARGE)


def outcome_of(data):
    try:
        return open_image(data, ImageLimits(max_pixels=10_000)).image.mode
    except ItemError as error:
        return error.reason


def test_files_over_the_byte_limit_are_not_opened():
    data = encoded(corners(), "PNG")
    reason, message = refusal(data, max_bytes=len(data) - 1)
    assert reason is FailureReason.TOO_LARGE
    assert f"{len(data)} bytes, the limit is {len(data) - 1}" in message
    assert open_image(data, ImageLimits(max_bytes=len(data))).width == 3


def test_pictures_over_the_pixel_limit_are_not_decoded():
    data = encoded(Image.new("RGB", (20, 10)), "PNG")
    reason, message = refusal(data, max_pixels=199)
    assert reason is FailureReason.TOO_LARGE
    assert "20 x 10 pixels, the limit is 199" in message
    assert open_image(data, ImageLimits(max_pixels=200)).width == 20


def test_a_bomb_is_refused_by_its_header():
    # Says 60,000 x 60,000 pixels and holds none.
    reason, message = refusal(raw_png(60_000, 60_000, 8, 2, b""))
    assert reason is FailureReason.TOO_LARGE
    assert "too large" in message


@pytest.mark.parametrize("mode", ["F", "I"])
def test_samples_of_32_bits_are_refused(mode):
    reason, message = refusal(encoded(Image.new(mode, (2, 2)), "TIFF"))
    assert reason is FailureReason.UNDECODABLE
    assert "32-bit" in message


def test_many_threads_see_the_same_pixels_and_no_global_state_moves():
    before = Image.MAX_IMAGE_PIXELS
    data = encoded(
        Image.fromarray(np.random.default_rng(0).integers(0, 256, (90, 80, 3), dtype=np.uint8)), "JPEG"
    )
    with ThreadPoolExecutor(4) as pool:
        pictures = list(pool.map(lambda _: np.asarray(open_image(data).image), range(40)))
    assert all(np.array_equal(picture, pictures[0]) for picture in pictures)
    assert before == Image.MAX_IMAGE_PIXELS


@pytest.mark.parametrize("highest", [1, 255, 256, 65535])
def test_label_maps_survive(highest):
    labels = np.random.default_rng(0).integers(0, highest + 1, size=(13, 17))
    labels[0, 0] = highest
    data = label_map_png(labels)
    np.testing.assert_array_equal(label_map_from_png(data), labels)
    assert label_map_png(labels.astype(np.int16 if highest < 999 else np.int64)) == data


def test_maps_by_other_tools_are_read_as_they_number_their_regions():
    labels = np.array([[0, 3], [200, 3]], dtype=np.uint8)
    assert label_map_from_png(encoded(Image.fromarray(labels), "PNG")).tolist() == labels.tolist()
    palette = Image.fromarray(labels).convert("P")
    palette.putpalette(list(np.random.default_rng(0).integers(0, 256, 768)))
    assert label_map_from_png(encoded(palette, "PNG")).tolist() == labels.tolist()
    bits = Image.fromarray(labels > 100)
    assert label_map_from_png(encoded(bits, "PNG")).tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize("labels", [[[-1]], [[65536]]])
def test_labels_beyond_16_bits_are_refused(labels):
    with pytest.raises(InputError, match="0 to 65535"):
        label_map_png(np.array(labels))


def test_what_is_no_label_map_fails_the_item():
    whole = label_map_png(np.random.default_rng(0).integers(0, 999, size=(40, 40)))
    cases = [encoded(corners(), "PNG"), encoded(corners(), "JPEG"), whole[: len(whole) // 2], b"PNG"]
    for data in cases:
        with pytest.raises(ItemError) as caught:
            label_map_from_png(data)
        assert caught.value.reason is FailureReason.UNDECODABLE
    with pytest.raises(ItemError, match="the limit is 100"):
        label_map_from_png(whole, ImageLimits(max_pixels=100))


def test_a_pointer_of_git_lfs_is_no_broken_image():
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 60515\n"
    with pytest.raises(ItemError, match="is a Git LFS pointer, not the image itself: run `git lfs pull`"):
        open_image(pointer)
