"""Images of a run, read and decoded ahead of the device."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import lru_cache
from typing import TypeVar

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.pictures.decoding import OpenedImage, open_image
from tasks.corpora.corpus import ImageEntry, ImageFiles
from tasks.corpora.fields import CorpusFields
from tasks.corpora.registry import open_images

__all__ = ["images_of", "map_ahead", "place_of", "read_bytes", "read_image", "read_unchanged"]

T = TypeVar("T")
R = TypeVar("R")

DECODERS = 2
"""Threads that decode while the device works."""


@lru_cache(maxsize=4)
def images_of(parameters: CorpusFields) -> ImageFiles:
    """Open the images of a corpus once per process; the corpus itself is listed by the plan alone."""
    return open_images(parameters)


def read_image(files: ImageFiles, entry: ImageEntry) -> tuple[bytes, OpenedImage]:
    """Bytes and upright picture of one image.

    Parameters
    ----------
    files
        Reader of the corpus.
    entry
        The image.

    Returns
    -------
    tuple[bytes, OpenedImage]
        Bytes as stored, and the decoded picture.

    Raises
    ------
    ItemError
        If it is absent or cannot be decoded.
    """
    data = read_bytes(files, entry)
    return data, open_image(data)


def read_bytes(files: ImageFiles, entry: ImageEntry) -> bytes:
    """Bytes of one image.

    Parameters
    ----------
    files
        Reader of the corpus.
    entry
        The image.

    Returns
    -------
    bytes
        Bytes as stored.

    Raises
    ------
    ItemError
        If it is absent.
    """
    try:
        return files.read(entry)
    except FileNotFoundError as error:
        raise ItemError(FailureReason.ABSENT, f"{place_of(files, entry)}: there is no such image") from error


def place_of(files: ImageFiles, entry: ImageEntry) -> str:
    """Place of an image, for messages.

    Parameters
    ----------
    files
        Reader of the corpus.
    entry
        The image.

    Returns
    -------
    str
        Root and uri, with the member in parentheses if the image is part of a larger file.
    """
    inside = f" ({entry.member})" if entry.member else ""
    return f"{files.root}/{entry.uri}{inside}"


def read_unchanged(files: ImageFiles, entry: ImageEntry, sha256: str) -> OpenedImage:
    """Upright picture of an image that was embedded, from the same bytes.

    Parameters
    ----------
    files
        Reader of the corpus.
    entry
        The image.
    sha256
        Hex digest of the bytes that were embedded.

    Returns
    -------
    OpenedImage
        Decoded picture.

    Raises
    ------
    ItemError
        As `read_image`.
    InputError
        If the bytes are others.
    """
    data, opened = read_image(files, entry)
    if hashlib.sha256(data).hexdigest() != sha256:
        raise InputError(
            f"{place_of(files, entry)} has changed since it was embedded; start ilime explain again"
        )
    return opened


def map_ahead(
    work: Callable[[T], R], values: Sequence[T] | Iterable[T], window: int = 8
) -> Iterator[R | ItemError]:
    """Map in threads, in order, at most ``window`` results waiting; an unusable item comes as its error.

    Parameters
    ----------
    work
        Called in `DECODERS` threads.
    values
        Arguments, one a call; taken only as the window moves on.
    window
        Largest number of calls that are running or waiting to be yielded.

    Yields
    ------
    Iterator[R | ItemError]
        Result or `ItemError` of each value, in the order of the values.
    """
    with ThreadPoolExecutor(DECODERS, thread_name_prefix="decode") as pool:
        waiting: deque[Future[R]] = deque()
        iterator = iter(values)
        for value in iterator:
            waiting.append(pool.submit(work, value))
            if len(waiting) >= window:
                yield _settle(waiting.popleft())
        while waiting:
            yield _settle(waiting.popleft())


def _settle(future: "Future[R]") -> R | ItemError:
    try:
        return future.result()
    except ItemError as error:
        return error
