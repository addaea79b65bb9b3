"""What passes through the one door to files: options, listed files, and the ways a transport fails."""

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

    Somebody has to do something about it: no block is tried again, and none is begun.
    """


class FullError(UnwritableError):
    """The place has no room: a disk, a quota, a limit of this process."""


class AccessError(StorageError, InputError):
    """The store is not where it was said to be, or does not let us in.

    Address, bucket and credentials are what the user gave, so a command that finds this out at its start ends
    as for any bad input; within a block it is tried again: credentials are renewed, servers come back.
    """


@dataclass(frozen=True, slots=True)
class StorageOptions:
    """How to reach an object store. Secrets are not among them: a profile or the environment names those."""

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
    """What a place has to offer to stand behind `tasks.storage.storage.Storage`. Keys have been checked."""

    @property
    def url(self) -> str: ...

    def read_bytes(self, key: str) -> bytes: ...

    def open(self, key: str, size: int | None) -> BinaryIO: ...

    def read_range(self, key: str, start: int, end: int) -> bytes: ...

    def write(self, key: str, data: bytes) -> None: ...

    def create(self, key: str, data: bytes) -> bool: ...

    def list(self, prefix: str) -> list[StoredFile]: ...

    def stat(self, key: str) -> StoredFile: ...

    def delete(self, key: str) -> None: ...

    def fingerprint(self, key: str) -> str: ...

    def remove_partials(self, prefixes: Sequence[str]) -> int: ...

    def remove_empty_folders(self, prefix: str) -> None: ...
