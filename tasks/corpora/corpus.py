"""What every corpus reader gives: entries, which of them match, and the bytes of an image."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

__all__ = ["Corpus", "ImageEntry", "TextEntry"]


@dataclass(frozen=True, slots=True)
class ImageEntry:
    """One image of a corpus."""

    uri: str
    """Key relative to the images' root."""
    external_id: str
    """The corpus's own id, unique among its images."""


@dataclass(frozen=True, slots=True)
class TextEntry:
    """One caption of a corpus. An empty one is kept: it fails by itself later and not the corpus."""

    text: str
    """The caption as given, not stripped."""
    uri: str
    """Name of the annotation file."""
    member: str
    """Number of the caption in the annotation file, from 0, all splits counted."""
    external_id: str
    """The corpus's own id, unique among its captions."""
    image_index: int
    """The image that it was written for, as a row of ``Corpus.images``."""


class Corpus(Protocol):
    """A listed corpus."""

    @property
    def images(self) -> Sequence[ImageEntry]: ...

    @property
    def texts(self) -> Sequence[TextEntry]: ...

    @property
    def relevance(self) -> Sequence[tuple[int, int]]:
        """Pairs (row of ``images``, row of ``texts``) that match; at least one."""
        ...

    @property
    def split(self) -> str: ...

    @property
    def format(self) -> str:
        """Name of the reader."""
        ...

    @property
    def images_root(self) -> str:
        """Where the images lie; image uris are relative to it."""
        ...

    def read_image(self, entry: ImageEntry) -> bytes:
        """Bytes of an image file.

        Raises
        ------
        FileNotFoundError
            If there is no such file.
        ItemError
            If the file is over the size limit.
        InputError
            If the uri leads out of the images' root.
        StorageError
            If the transport fails.
        """
        ...

    def fingerprint_image(self, entry: ImageEntry) -> str:
        """What tells one content from another (``sha256:`` or ``etag:``); errors as in `read_image`."""
        ...
