"""Image files that are refused, each with its reason: empty, no image, cut short, damaged, too large."""

import numpy as np
import pytest
from picture_files import corners, encoded, raw_png, refusal
from PIL import Image

from ilime_core.errors import FailureReason, ItemError
from ilime_core.pictures.decoding import ImageLimits, open_image


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


def test_a_pointer_of_git_lfs_is_no_broken_image():
    pointer = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a2146\nsize 60515\n"
    with pytest.raises(ItemError, match="is a Git LFS pointer, not the image itself: run `git lfs pull`"):
        open_image(pointer)
