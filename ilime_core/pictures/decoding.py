"""Images from anywhere, opened safely: named formats, limits before decoding, always upright RGB."""

import io
import struct
import zlib
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int, UInt8
from PIL import ExifTags, Image

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.git_lfs import is_pointer
from ilime_core.pictures.png_chunks import without_large_texts

__all__ = [
    "FORMATS",
    "ImageLimits",
    "OpenedImage",
    "label_map_from_png",
    "label_map_png",
    "open_image",
    "turned_upright",
]

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF")
"""What is opened; of animations the first frame, of TIFF the first page."""

# What decoders raise on hostile bytes. MemoryError is not among them: it says something of the machine.
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    TypeError,
    EOFError,
    ArithmeticError,
    LookupError,
    AttributeError,
    RuntimeError,
    struct.error,
    zlib.error,
)

_LABEL_MODES = frozenset({"1", "L", "P", "I;16", "I;16B"})

_STRIP = 256
"""Rows that are composited at once."""

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Checked before anything is decoded."""

    max_bytes: int = 64 * 2**20
    """Size of the file."""
    max_pixels: int = 80_000_000
    """Width times height; below the size at which Pillow warns by itself."""


@dataclass(frozen=True, slots=True, eq=False)
class OpenedImage:
    """An image as a person sees it."""

    image: Image.Image
    """Upright RGB."""
    width: int
    height: int
    exif_orientation: int
    """1 to 8 as stored; 1 where nothing was said."""


def open_image(data: bytes, limits: ImageLimits | None = None) -> OpenedImage:
    """Decode an image.

    Transparency is composited on white, 16-bit greys are scaled (not clipped), CMYK, palettes and greys
    become RGB, EXIF orientation is applied. Samples of 32 bits have no defined white and are refused. Touches
    no state outside itself, so any number of threads may call it.

    Parameters
    ----------
    data
        The file's bytes.
    limits
        Limits; None for 64 MiB and 80 megapixels.

    Returns
    -------
    OpenedImage
        Size after the EXIF orientation is applied.

    Raises
    ------
    ItemError
        In one line: empty, too large, or undecodable (broken, cut short, another format).
    """
    return turned_upright(_read_header(data, limits or ImageLimits(), FORMATS))


def turned_upright(image: Image.Image) -> OpenedImage:
    """Make an image of any mode upright RGB, as `open_image` does.

    Raises
    ------
    ItemError
        If it is broken, cut short, or has samples of 32 bits.
    """
    try:
        orientation = _orientation(image)
        image.load()
        rgb = _rgb(image)
    except _DECODER_ERRORS as error:
        raise ItemError(
            FailureReason.UNDECODABLE, f"broken {image.format or image.mode} image: {_line(error)}"
        ) from error
    # Pillow turns TIFF upright itself while it loads.
    if orientation in _UPRIGHT and image.format != "TIFF":
        rgb = rgb.transpose(_UPRIGHT[orientation])
    return OpenedImage(rgb, rgb.width, rgb.height, orientation)


def label_map_png(labels: Int[np.ndarray, "height width"]) -> bytes:
    """Write a label map; equal maps give equal bytes.

    Raises
    ------
    InputError
        If a label does not fit into 16 bits.
    """
    if labels.size == 0 or labels.min() < 0 or labels.max() > 65535:
        raise InputError("a label map needs at least one pixel and labels from 0 to 65535")
    stream = io.BytesIO()
    Image.fromarray(labels.astype(np.uint16)).save(stream, format="PNG")
    return stream.getvalue()


def label_map_from_png(data: bytes, limits: ImageLimits | None = None) -> Int[np.ndarray, "height width"]:
    """Read a label map: grey of 1 to 16 bits, or the indices of a palette.

    Parameters
    ----------
    data
        The file's bytes.
    limits
        Limits; None for 64 MiB and 80 megapixels.

    Returns
    -------
    Int32 array, height x width
        Stored values, neither scaled nor looked up in the palette.

    Raises
    ------
    ItemError
        Empty, too large, no PNG, or a picture with colour channels.
    """
    image = _read_header(data, limits or ImageLimits(), ("PNG",))
    if image.mode not in _LABEL_MODES:
        raise ItemError(
            FailureReason.UNDECODABLE,
            f"a label map is grey or has a palette; this PNG's mode is {image.mode}",
        )
    try:
        return np.asarray(image).astype(np.int32)
    except _DECODER_ERRORS as error:
        raise ItemError(FailureReason.UNDECODABLE, "the label map's PNG is broken or cut short") from error


def _read_header(data: bytes, limits: ImageLimits, formats: tuple[str, ...]) -> Image.Image:
    """Open without decoding and check the limits.

    Raises
    ------
    ItemError
        Empty, too large, or none of the formats.
    """
    if not data:
        raise ItemError(FailureReason.EMPTY, "the image file has no bytes")
    if len(data) > limits.max_bytes:
        raise ItemError(
            FailureReason.TOO_LARGE, f"the image file has {len(data)} bytes, the limit is {limits.max_bytes}"
        )
    if is_pointer(data):
        raise ItemError(
            FailureReason.UNDECODABLE,
            "this is a Git LFS pointer, not the image itself: run `git lfs pull` where it was cloned",
        )
    try:
        image = Image.open(io.BytesIO(without_large_texts(data)), formats=formats)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise ItemError(FailureReason.TOO_LARGE, f"the image is too large: {_line(error)}") from error
    except Image.UnidentifiedImageError as error:
        raise ItemError(
            FailureReason.UNDECODABLE, f"not an image of a known format ({', '.join(formats)})"
        ) from error
    except _DECODER_ERRORS as error:
        raise ItemError(FailureReason.UNDECODABLE, f"broken image: {_line(error)}") from error
    if image.width * image.height > limits.max_pixels:
        raise ItemError(
            FailureReason.TOO_LARGE,
            f"the image has {image.width} x {image.height} pixels, the limit is {limits.max_pixels}",
        )
    return image


def _orientation(image: Image.Image) -> int:
    try:
        value = image.getexif().get(ExifTags.Base.Orientation, 1)
    except _DECODER_ERRORS:  # a broken EXIF block does not spoil the picture
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def _rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16"):
        return _from_16_bits(image)
    if image.mode in {"I", "F"}:
        raise ValueError("32-bit samples have no defined white; save it with 8 or 16 bits")
    return _on_white(image) if image.has_transparency_data else image.convert("RGB")


def _on_white(image: Image.Image) -> Image.Image:
    """Composite strip by strip: whole layers of a large picture would take gigabytes."""
    canvas = Image.new("RGB", image.size)
    for top in range(0, image.height, _STRIP):
        layer = image.crop((0, top, image.width, min(top + _STRIP, image.height))).convert("RGBA")
        white = Image.new("RGBA", layer.size, (255, 255, 255, 255))
        canvas.paste(Image.alpha_composite(white, layer).convert("RGB"), (0, top))
    return canvas


def _from_16_bits(image: Image.Image) -> Image.Image:
    values = np.asarray(image).astype(np.uint32)
    grey: UInt8[np.ndarray, "height width"] = ((values + 128) // 257).astype(np.uint8)
    transparent = image.info.get("transparency")
    if isinstance(transparent, int):
        grey = np.where(values == transparent, np.uint8(255), grey)
    return Image.fromarray(grey).convert("RGB")


def _line(error: BaseException) -> str:
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 160 else text[:157] + "..."
