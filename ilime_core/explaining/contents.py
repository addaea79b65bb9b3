"""Items as a caller hands them in: pictures in memory, image files, texts."""

import hashlib
import os
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image

from ilime_core.errors import InputError, ItemError
from ilime_core.pictures.decoding import open_image, turned_upright
from ilime_core.records import Modality
from ilime_core.regular_file import read_regular

__all__ = ["Content", "ExplainedInput", "read_content"]

ExplainedInput = str | PathLike[str] | Image.Image | np.ndarray
"""A ``str`` is a text, a path an image file; pictures in memory are Pillow's, or arrays of uint8."""


@dataclass(frozen=True, slots=True, eq=False)
class Content:
    """One item and the digest that its random choices derive from."""

    modality: Modality
    sha256: str
    """Of a file's bytes and of a text's UTF-8, as in a run; of a picture in memory, its size and pixels."""
    text: str = ""
    image: Image.Image | None = None
    """Upright RGB."""


def read_content(item: object) -> Content:
    """Read one item.

    Parameters
    ----------
    item
        An `ExplainedInput`: a text (``str``), the path of an image file (``pathlib.Path``), a Pillow image of
        any mode, or an array of shape (height, width, 3) and type uint8.

    Raises
    ------
    InputError
        If it is none of these, a text that UTF-8 cannot hold or that names an image file, or an image that
        cannot be read or decoded.
    """
    try:
        if isinstance(item, str):
            _check_words(item)
            return Content(Modality.TEXT, hashlib.sha256(item.encode()).hexdigest(), text=item)
        if isinstance(item, PathLike):
            data = read_regular(Path(item))
            return Content(Modality.IMAGE, hashlib.sha256(data).hexdigest(), image=open_image(data).image)
        upright = turned_upright(_picture(item)).image
    except UnicodeEncodeError as error:
        raise InputError(f"the text {item!r} is not UTF-8; needed is Unicode without surrogates") from error
    except OSError as error:
        raise InputError(f"{item}: cannot be read ({error.strerror}); give an image file") from error
    except ItemError as error:
        named = f"{item}: " if isinstance(item, PathLike) else ""
        raise InputError(f"{named}{error}") from error
    digest = hashlib.sha256(f"{upright.width} {upright.height} ".encode() + upright.tobytes())
    return Content(Modality.IMAGE, digest.hexdigest(), image=upright)


def _check_words(text: str) -> None:
    """Refuse the name of an image file: explained as a text, it would give numbers that look right."""
    if Path(text).suffix.lower() in Image.registered_extensions() and os.path.isfile(text):  # noqa: PTH113 - False, where a Path raises: too long, or a null byte
        raise InputError(
            f"the text {text!r} names an image file; give pathlib.Path({text!r}) for the picture"
        )


def _picture(item: object) -> Image.Image:
    if isinstance(item, Image.Image):
        return item
    if not isinstance(item, np.ndarray):
        raise InputError(
            f"an item is a text (str), a path of an image, a Pillow image or an array, got a "
            f"{type(item).__name__}"
        )
    if item.ndim != 3 or item.shape[2] != 3 or item.dtype != np.uint8 or not item.size:
        raise InputError(
            f"an array of an image has the shape (height, width, 3) and the type uint8, got {item.shape} of "
            f"{item.dtype}"
        )
    return Image.fromarray(item)
