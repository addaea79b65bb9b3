"""A corpus whose images lie below one root."""

from functools import cached_property

from ilime_core.errors import FailureReason, ItemError
from tasks.corpora.corpus import ImageEntry, TextEntry
from tasks.storage import MissingFileError, Storage, StoredFile

__all__ = ["IMAGE_BYTES", "StoredCorpus"]

IMAGE_BYTES = 256 * 2**20
"""Largest image file that is read; what it unpacks to is limited where it is decoded."""

_LISTING_PAYS = (
    100  # a listing answers for 1,000 objects in one request; below this, asking one by one is no slower
)


class StoredCorpus:
    """`tasks.corpora.corpus.Corpus` over a `tasks.storage.Storage`; safe to share between threads.

    Parameters
    ----------
    images, texts
        Entries; a text matches the image of its ``image_index``.
    storage
        Root of the images.
    split, format
        As asked for.
    max_image_bytes
        Files above this size are refused before they are read.
    """

    def __init__(
        self,
        images: tuple[ImageEntry, ...],
        texts: tuple[TextEntry, ...],
        storage: Storage,
        *,
        split: str,
        format: str,  # noqa: A002 - the name of the property
        max_image_bytes: int = IMAGE_BYTES,
    ) -> None:
        self.images = images
        self.texts = texts
        self.split = split
        self.format = format
        self.relevance = tuple((text.image_index, row) for row, text in enumerate(texts))
        self._storage = storage
        self._max_image_bytes = max_image_bytes

    @property
    def images_root(self) -> str:
        """Where the images lie."""
        return self._storage.url

    def read_image(self, entry: ImageEntry) -> bytes:
        """Bytes of an image file; errors as in `tasks.corpora.corpus.Corpus`."""
        try:
            size = self._storage.stat(entry.uri).size
            if size > self._max_image_bytes:
                raise ItemError(
                    FailureReason.TOO_LARGE,
                    f"{entry.uri}: {size:,} bytes; at most {self._max_image_bytes:,} are read",
                )
            return self._storage.read_bytes(entry.uri)
        except MissingFileError as error:
            raise FileNotFoundError(str(error)) from error

    def fingerprint_image(self, entry: ImageEntry) -> str:
        """What tells one content from another; errors as in `tasks.corpora.corpus.Corpus`."""
        if self._listed is None:
            try:
                return self._storage.fingerprint(entry.uri)
            except MissingFileError as error:
                raise FileNotFoundError(str(error)) from error
        if entry.uri not in self._listed:
            raise FileNotFoundError(f"{self.images_root}: there is no {entry.uri!r}")
        return self._storage.fingerprint(self._listed[entry.uri])

    @cached_property
    def _listed(self) -> dict[str, StoredFile] | None:
        """The corpus's files as a remote store lists them; None where each is better asked for by itself."""
        if "://" not in self.images_root or len(self.images) < _LISTING_PAYS:
            return None
        wanted = {image.uri for image in self.images}
        return {file.key: file for file in self._storage.list() if file.key in wanted}
