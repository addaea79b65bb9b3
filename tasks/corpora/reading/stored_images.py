"""Images that lie below one root, a file each."""

from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.corpus import ImageEntry
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StorageError, UnreadableFileError

__all__ = ["IMAGE_BYTES", "StoredImages"]

IMAGE_BYTES = 256 * 2**20
"""Largest image file that is read; what it unpacks to is limited where it is decoded."""

_LISTING_PAYS = (
    100  # a listing answers for 1,000 objects in one request; below this, asking one by one is no slower
)


class StoredImages:
    """`tasks.corpora.corpus.ImageFiles` over a `tasks.storage.storage.Storage`.

    Parameters
    ----------
    storage
        Root of the images.
    max_bytes
        Files above this size are refused before they are read.
    """

    def __init__(self, storage: Storage, max_bytes: int = IMAGE_BYTES) -> None:
        self._storage = storage
        self._max_bytes = max_bytes

    @property
    def root(self) -> str:
        """URL or path of the images' root."""
        return self._storage.url

    def read(self, entry: ImageEntry) -> bytes:
        """Bytes of an image file; errors as in `tasks.corpora.corpus.ImageFiles`."""
        return self.read_known(entry)[0]

    def read_known(self, entry: ImageEntry) -> tuple[bytes, str | None]:
        """Bytes of an image file, and its etag; errors as in `tasks.corpora.corpus.ImageFiles`."""
        with _fault_of_one_image():
            file = self._storage.stat(entry.uri)
            if file.size > self._max_bytes:
                raise ItemError(
                    FailureReason.TOO_LARGE,
                    f"{entry.uri}: {file.size:,} bytes; at most {self._max_bytes:,} are read",
                )
            data = self._storage.read_bytes(entry.uri)
        return data, self._storage.fingerprint(file) if file.etag else None

    def fingerprints(self, entries: Sequence[ImageEntry]) -> list[str | None]:
        """Digests of local files, etags of remote ones; see `tasks.corpora.corpus.ImageFiles`."""
        if "://" in self.root and len(entries) >= _LISTING_PAYS:
            return list(self._listed(entries))
        return list(read_many(self._fingerprint, entries))

    def _listed(self, entries: Sequence[ImageEntry]) -> Iterator[str | None]:
        wanted = {entry.uri for entry in entries}
        found = {file.key: file for file in self._storage.list() if file.key in wanted}
        for entry in entries:
            file = found.get(entry.uri)
            yield None if file is None else self._storage.fingerprint(file)

    def _fingerprint(self, entry: ImageEntry) -> str | None:
        try:
            with _fault_of_one_image():
                return self._storage.fingerprint(entry.uri)
        except (FileNotFoundError, ItemError):
            return None


@contextmanager
def _fault_of_one_image() -> Generator[None]:
    """Tell what is wrong with one image, and would be again, from a fault of the store."""
    try:
        yield
    except UnreadableFileError as error:
        raise ItemError(FailureReason.UNREADABLE, str(error)) from error
    except MissingFileError as error:
        raise FileNotFoundError(str(error)) from error
    except StorageError:
        raise
    except InputError as error:  # its name or a link leads out of the root
        raise ItemError(FailureReason.MALFORMED, str(error)) from error
