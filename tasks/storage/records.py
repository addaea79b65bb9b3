"""Records of the storage layer: its protocol for places, access options, listed files and errors."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from ilime_core.errors import IlimeError, InputError

__all__ = [
    "AccessError",
    "Files",
    "FullError",
    "IrregularError",
    "LinkOutError",
    "MissingFileError",
    "StorageError",
    "StorageOptions",
    "StoredFile",
    "UnreadableFileError",
    "UnwritableError",
]


class StorageError(IlimeError):
    """Transport or permission failed; nothing is wrong with the data, so the run retries the block."""


class MissingFileError(StorageError):
    """There is no file of this key."""


class UnreadableFileError(StorageError):
    """A local file can never be read: it is forbidden, its links form a loop, its name is too long."""


class IrregularError(UnreadableFileError, MissingFileError):
    """A folder, a named pipe, a socket or a device lies where a file is needed."""


class LinkOutError(InputError):
    """A link leads out of the root; it is never followed."""


class UnwritableError(StorageError):
    """The place refuses whatever is written: a read-only disk, permissions.

    It does not pass by itself: no block is retried, and none is begun.
    """


class FullError(UnwritableError):
    """The place has no room: a disk, a quota, a limit of this process."""


class AccessError(StorageError, InputError):
    """Address or bucket of a store is wrong, or it refuses the credentials.

    Address, bucket and credentials are the user's input, so a command that fails so at its start ends as for
    any bad input; within a block it is retried, because credentials are renewed and servers come back.
    """


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """Access to an object store. It holds no secret: a profile or the environment names those."""

    endpoint_url: str | None = None
    """Address of an S3-compatible server; None leaves it to the profile, and then to AWS."""
    profile: str | None = None
    """Profile in the AWS configuration files."""
    anonymous: bool = False
    """Do not sign requests: for public buckets."""


@dataclass(frozen=True, slots=True)
class StoredFile:
    """One listed file; ``key`` is relative to the storage's root."""

    key: str
    size: int
    """Bytes."""
    modified: datetime
    """UTC."""
    etag: str | None = None
    """The store's own digest; None where it has none."""


class Files(Protocol):
    """Files of one kind of place: extension point of `Storage`, which has checked the keys."""

    @property
    def url(self) -> str:
        """Root, as it may be printed."""
        ...

    def read_bytes(self, key: str) -> bytes:
        """Read a whole file; MissingFileError if there is none."""
        ...

    def open(self, key: str, size: int | None) -> BinaryIO:
        """Open a file for seeking and reading.

        Parameters
        ----------
        key
            File below the root.
        size
            Bytes that it must have; None if that is not known.

        Returns
        -------
        BinaryIO
            Stream at the start of the file.
        """
        ...

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
            Fewer than ``end - start`` where the file ends before.
        """
        ...

    def write(self, key: str, data: bytes) -> None:
        """Write a whole file atomically, over an existing one.

        Parameters
        ----------
        key
            File below the root.
        data
            Its whole content.
        """
        ...

    def create(self, key: str, data: bytes) -> bool:
        """Write a file atomically unless it exists.

        Parameters
        ----------
        key
            File below the root.
        data
            Its whole content.

        Returns
        -------
        bool
            False if the file exists and is another writer's.
        """
        ...

    def list(self, prefix: str) -> list[StoredFile]:
        """Files below a folder, sorted by key; empty if there is no such folder."""
        ...

    def stat(self, key: str) -> StoredFile:
        """Size, time and etag of a file."""
        ...

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is absent."""
        ...

    def fingerprint(self, key: str) -> str:
        """Identifier of the content: ``etag:...`` or ``sha256:<hex>``."""
        ...

    def remove_partials(self, prefixes: Sequence[str]) -> int:
        """Remove temporary files of killed writers below folders, or below the root; returns their number."""
        ...

    def remove_empty_folders(self, prefix: str) -> None:
        """Remove folders at and below a prefix that hold no file."""
        ...
