"""Storage layer: everything that ilime reads or writes goes through a `Storage`."""

import secrets
from collections.abc import Callable
from typing import BinaryIO

from ilime_core.errors import InputError
from tasks.storage.access import check_endpoint, options_for
from tasks.storage.keys import ParsedRoot, check_key, parse_url
from tasks.storage.local_files import LocalFiles
from tasks.storage.records import (
    AccessError,
    Files,
    FullError,
    MissingFileError,
    StorageError,
    StorageOptions,
    StoredFile,
    UnreadableFileError,
    UnwritableError,
)

__all__ = [
    "AccessError",
    "FullError",
    "MissingFileError",
    "Storage",
    "StorageError",
    "StorageOptions",
    "StoredFile",
    "UnreadableFileError",
    "UnwritableError",
]


PROBE = ".probe-"
"""Start of the names of files that test whether a place can be written to."""


class Storage:
    """Files below one root. Safe to share between threads, and small to pickle.

    Parameters
    ----------
    url
        A folder, ``file:///folder``, or ``s3://bucket/prefix``.
    options
        Access to an object store; None lets `tasks.storage.access` resolve it at each use.

    Raises
    ------
    InputError
        If the URL is chained, of another protocol or holds credentials. Methods that take a key raise
        it for one that does not stay below the root.
    """

    def __init__(self, url: str, options: StorageOptions | None = None) -> None:
        place = parse_url(url)
        if options is not None and options.endpoint_url is not None:
            check_endpoint(options.endpoint_url, "endpoint_url")
        self._options = options
        options_for(url)  # refuse an address with credentials now, and not at the first request
        self._files = _files(place, lambda: options_for(url) if options is None else options)

    def __reduce__(self) -> tuple[type["Storage"], tuple[str, StorageOptions | None]]:
        return Storage, (self.url, self._options)

    def __repr__(self) -> str:
        return f"Storage({self.url!r})"

    @property
    def url(self) -> str:
        """The root: an absolute path for local folders."""
        return self._files.url

    def read_bytes(self, key: str) -> bytes:
        """Read a whole file.

        Raises
        ------
        MissingFileError
            If there is none.
        UnreadableFileError
            If what lies there can never be read; a folder, a pipe or a device counts as missing, too.
        AccessError
            If address, bucket or credentials of the store are wrong; every method may raise this.
        StorageError
            If the transport fails or the file may not be read.
        """
        return self._files.read_bytes(check_key(key))

    def open(self, key: str, size: int | None = None) -> BinaryIO:
        """Open a file for seeking and reading; errors as in `read_bytes`.

        Parameters
        ----------
        key
            File below the root.
        size
            Bytes that the file has by its record: an object store is then not asked for it. StorageError if
            it turns out to have others.

        Returns
        -------
        BinaryIO
            Stream at the start of the file.
        """
        return self._files.open(check_key(key), size)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Read a range of bytes in one request.

        Parameters
        ----------
        key
            File below the root.
        start, end
            First byte, and the one after the last.

        Returns
        -------
        bytes
            Exactly ``end - start`` bytes.

        Raises
        ------
        MissingFileError
            If there is no such file.
        StorageError
            If the transport fails, or fewer bytes came than were asked for.
        """
        data = self._files.read_range(check_key(key), start, end)
        if len(data) != end - start:
            raise StorageError(
                f"{self.url}: {key!r}: {len(data):,} bytes came of {end - start:,} from byte {start:,} on"
            )
        return data

    def write(self, key: str, data: bytes) -> None:
        """Write a whole file atomically: readers see the old one or the new one, also after a kill.

        Parameters
        ----------
        key
            File below the root.
        data
            Its whole content.

        Raises
        ------
        UnwritableError
            If the place is full or refuses whatever is written.
        StorageError
            If the transport fails or the file may not be written.
        """
        self._files.write(check_key(key), data)

    def create(self, key: str, data: bytes) -> bool:
        """Write a file only if there is none.

        Parameters
        ----------
        key
            File below the root.
        data
            Its whole content.

        Returns
        -------
        bool
            True if the file that exists afterwards is this writer's. On a remote store a file of equal bytes
            counts as one's own, since the reply to one's own request may have been lost.

        Raises
        ------
        UnwritableError
            As in `write`.
        StorageError
            If the transport fails and no file lies there.
        """
        return self._files.create(check_key(key), data)

    def list(self, prefix: str = "") -> list[StoredFile]:
        """List all files below a folder, sorted by key, never from a cache; empty if there is no folder."""
        folder = prefix.rstrip("/")
        return self._files.list(check_key(folder) if folder else "")

    def stat(self, key: str) -> StoredFile:
        """Size, time and etag of a file; MissingFileError if there is none."""
        return self._files.stat(check_key(key))

    def exists(self, key: str) -> bool:
        """True if there is a file of this key."""
        try:
            self.stat(key)
        except MissingFileError:
            return False
        return True

    def delete(self, key: str) -> None:
        """Remove a file if there is one."""
        self._files.delete(check_key(key))

    def fingerprint(self, file: StoredFile | str) -> str:
        """Identify a content without moving bytes: ``etag:...``, locally ``sha256:<hex>``.

        A listed file of an object store costs no request. Local digests are cached in the user's cache folder
        until the file system reports a change.
        """
        if isinstance(file, StoredFile):
            return f"etag:{file.etag}" if file.etag else self._files.fingerprint(check_key(file.key))
        return self._files.fingerprint(check_key(file))

    def remove_partials(self, *prefixes: str) -> int:
        """Remove temporary files, or abort uploads a day old, of killed writers below folders.

        Returns
        -------
        int
            Number of files and uploads removed.
        """
        return self._files.remove_partials([check_key(prefix.rstrip("/")) for prefix in prefixes])

    def remove_empty_folders(self, prefix: str) -> None:
        """Remove the folders below and at a prefix that hold no file; object stores have none."""
        self._files.remove_empty_folders(check_key(prefix.rstrip("/")))

    def check_writable(self, folder: str = "_runs") -> None:
        """Write, refuse to overwrite, read back and delete a small file in a folder.

        Raises
        ------
        InputError
            If one of these does not work: one line with the place, the reason and what to do.
        FullError
            If there is no room; the place may have room later.
        """
        key = f"{folder}/{PROBE}{secrets.token_hex(8)}"
        try:
            created = self.create(key, b"first")
            refused = not self.create(key, b"second")
            kept = self.read_bytes(key) == b"first"
            self.delete(key)
        except FullError:
            raise
        except AccessError as error:
            raise InputError(f"cannot write to the output: {error}") from error
        except StorageError as error:
            raise InputError(
                f"cannot write to the output: {error}; choose another output or ask for access"
            ) from error
        if not (created and refused and kept):
            raise InputError(
                f"{self.url} overwrites files that it was asked to create only (If-None-Match), so two"
                " writers could damage a run; choose another store"
            )


def _files(place: ParsedRoot, options: Callable[[], StorageOptions]) -> Files:
    if place.protocol == "file":
        return LocalFiles(place.path)
    from tasks.storage.s3_files import S3Files  # noqa: PLC0415 - half a second that only S3 needs

    return S3Files(place.path, options)
