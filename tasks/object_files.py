"""Objects of a store behind fsspec: one PUT each, create-only by If-None-Match, listings never cached."""

import hashlib
import io
import os
import re
import threading
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, BinaryIO, cast

import fsspec

from tasks.storage_records import MissingFileError, StorageError, StorageOptions, StoredFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["ObjectFiles", "memory_files", "s3_files"]

_READ_AHEAD = 2**20
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
_MEMORY_LOCK = threading.Lock()


class ObjectFiles:
    """`tasks.storage_records.Files` of an object store.

    Parameters
    ----------
    filesystem
        An fsspec file system whose listings are not cached.
    protocol, path
        Root: ``bucket/prefix``.
    faults
        What the transport raises beside OSError.
    """

    def __init__(
        self,
        filesystem: fsspec.AbstractFileSystem,
        protocol: str,
        path: str,
        faults: tuple[type[Exception], ...] = (),
    ) -> None:
        self._filesystem = filesystem
        self._protocol = protocol
        self._path = path
        self._faults = (OSError, *faults)

    @property
    def url(self) -> str:
        """The root."""
        return f"{self._protocol}://{self._path}"

    def read_bytes(self, key: str) -> bytes:
        """Read a whole object."""
        with self._reported(key):
            return cast("bytes", self._filesystem.cat_file(self._at(key)))

    def open(self, key: str) -> BinaryIO:
        """Open an object for reading by ranges, each its own request."""
        return io.BufferedReader(_Ranges(self, key, self.stat(key).size), _READ_AHEAD)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Read bytes ``start`` to ``end``, the last not included."""
        with self._reported(key):
            return cast("bytes", self._filesystem.cat_file(self._at(key), start=start, end=end))

    def write(self, key: str, data: bytes) -> None:
        """Put an object."""
        with self._reported(key):
            self._filesystem.pipe_file(self._at(key), data)

    def create(self, key: str, data: bytes) -> bool:
        """Put an object that must not exist; False if it does.

        A store may refuse a request that the transport sent twice after its first reply was lost, and stores
        differ in how they say that they refuse: what lies there afterwards decides.
        """
        try:
            with self._exclusive():
                self._filesystem.pipe_file(self._at(key), data, mode="create")
        except self._faults as fault:
            if self._protocol == "memory" and isinstance(fault, FileExistsError):
                return False
            try:
                return self.read_bytes(key) == data
            except MissingFileError:
                raise StorageError(f"{self.url}: {key!r} not created: {_line(fault)}") from fault
        return True

    def list(self, prefix: str) -> list[StoredFile]:
        """Every object below a prefix that ends at a '/'."""
        top = self._at(prefix) if prefix else self._path
        with self._reported(prefix):
            found = cast("Mapping[str, Mapping[str, object]]", self._filesystem.find(top, detail=True))
        files = [self._described(name, info) for name, info in found.items() if self._below(name, top)]
        return sorted(files, key=lambda file: file.key)

    def stat(self, key: str) -> StoredFile:
        """Describe one object."""
        with self._reported(key):
            info = cast("Mapping[str, object]", self._filesystem.info(self._at(key)))
        if info.get("type") == "directory":
            raise MissingFileError(f"{self.url}: {key!r} is no file")
        return self._described(self._at(key), info)

    def delete(self, key: str) -> None:
        """Remove an object; absent is as good."""
        try:
            with self._reported(key):
                self._filesystem.rm_file(self._at(key))
        except MissingFileError:
            return

    def fingerprint(self, key: str) -> str:
        """The store's etag; a digest of the content where the store has none."""
        etag = self.stat(key).etag
        return f"etag:{etag}" if etag else f"sha256:{hashlib.sha256(self.read_bytes(key)).hexdigest()}"

    def remove_partials(self, prefix: str) -> int:
        """Objects appear whole: there is nothing to remove below any prefix."""
        del prefix
        return 0

    def _at(self, key: str) -> str:
        return f"{self._path}/{key}"

    @staticmethod
    def _below(name: str, top: str) -> bool:
        return name.lstrip("/").startswith(f"{top}/") and not name.endswith("/")

    def _described(self, name: str, info: Mapping[str, object]) -> StoredFile:
        etag = info.get("ETag")
        return StoredFile(
            name.lstrip("/").removeprefix(f"{self._path}/"),
            int(cast("int", info["size"])),
            _moment(info.get("LastModified", info.get("created"))),
            str(etag).strip('"') if etag else None,
        )

    @contextmanager
    def _exclusive(self) -> Generator[None]:
        if self._protocol != "memory":
            yield
            return
        with _MEMORY_LOCK:
            yield

    @contextmanager
    def _reported(self, key: str) -> Generator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise MissingFileError(f"{self.url}: there is no {key!r}") from error
        except self._faults as error:
            raise StorageError(f"{self.url}: {key!r}: {_line(error)}") from error


class _Ranges(io.RawIOBase):
    """An object as a stream whose faults are those of the door, and not of one transport."""

    def __init__(self, files: ObjectFiles, key: str, size: int) -> None:
        self._files = files
        self._key = key
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(
            0, offset + {io.SEEK_CUR: self._position, io.SEEK_END: self._size}.get(whence, 0)
        )
        return self._position

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        end = min(self._position + len(view), self._size)
        if end <= self._position:
            return 0
        data = self._files.read_range(self._key, self._position, end)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)


def memory_files(path: str) -> ObjectFiles:
    """Objects of this process's memory, for tests."""
    return ObjectFiles(fsspec.filesystem("memory"), "memory", path)


def s3_files(path: str, options: StorageOptions) -> ObjectFiles:
    """Objects of S3 or of a server that speaks its protocol."""
    import aiohttp  # noqa: PLC0415 - half a second that only S3 needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    filesystem = fsspec.filesystem(
        "s3",
        anon=options.anonymous,
        profile=options.profile,
        endpoint_url=options.endpoint_url,
        use_listings_cache=False,
    )
    return ObjectFiles(filesystem, "s3", path, (BotoCoreError, ClientError, aiohttp.ClientError))


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromtimestamp(float(cast("float", value)), UTC)


def _line(error: Exception) -> str:
    """First line of an error, without what must not be printed."""
    text = str(error).partition("\n")[0] or type(error).__name__
    for name in _SECRETS:
        if os.environ.get(name):
            text = text.replace(os.environ[name], f"${name}")
    text = re.sub(r"//[^/\s@]*@", "//", text)
    return re.sub(r"(?i)((?:signature|credential|security-token)=)[^&\s]+", r"\1...", text)
