"""Captions in a text file beside each image."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import PurePosixPath

from ilime_core.errors import InputError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.storage import Storage

__all__ = ["IMAGE_SUFFIXES", "SIDECAR_BYTES", "read_sidecars"]

IMAGE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff"})

SIDECAR_BYTES = 2**20
"""Largest text file beside an image."""

_READERS = 8


def read_sidecars(
    storage: Storage, limit: int | None, tables: Sequence[str]
) -> tuple[list[ImageEntry], list[TextEntry]]:
    """List the images that have a text file of the same name beside them, sorted by key.

    Parameters
    ----------
    storage
        Root of images and texts.
    limit
        Take only the first so many images.
    tables
        Names that could stand there instead, for the message if there is no such file.

    Raises
    ------
    InputError
        If no image has one, two images share one, or one is over 1 MiB or not UTF-8.
    StorageError
        If the transport fails.
    """
    sizes = {file.key: file.size for file in storage.list()}
    images = sorted(key for key in sizes if PurePosixPath(key).suffix.lower() in IMAGE_SUFFIXES)
    image_of: dict[str, str] = {}
    for image in images:
        text = str(PurePosixPath(image).with_suffix(".txt"))
        if text not in sizes:
            continue
        if text in image_of:
            raise InputError(
                f"{storage.url}/{text}: is beside both {image_of[text]} and {image}; needed is one"
            )
        image_of[text] = image
    if not image_of:
        raise InputError(
            f"{storage.url}: holds {len(images)} images and no captions for them; needed is"
            f" {', '.join(tables)}, or a.txt beside a.jpg"
        )
    taken = list(image_of)[:limit]
    with ThreadPoolExecutor(_READERS) as pool:
        read = list(pool.map(partial(_captions, storage), taken, [sizes[text] for text in taken]))
    entries = [ImageEntry(image_of[text], image_of[text]) for text in taken]
    texts = [
        TextEntry(caption, taken[row], str(line), f"{entries[row].uri}#{line}", row)
        for row, captions in enumerate(read)
        for line, caption in enumerate(captions)
    ]
    return entries, texts


def _captions(storage: Storage, key: str, size: int) -> list[str]:
    """Lines that are not blank; one empty caption where there are none, so that the item says so."""
    place = f"{storage.url}/{key}"
    if size > SIDECAR_BYTES:
        raise InputError(f"{place}: {size:,} bytes; captions of at most {SIDECAR_BYTES:,} bytes are read")
    try:
        text = storage.read_bytes(key).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{place}: is not UTF-8 ({error.reason})") from error
    return [line.rstrip("\r") for line in text.split("\n") if line.strip()] or [""]
