"""Objects of a store behind calls like fsspec's: one PUT each, create-only by If-None-Match, no cache."""

import errno
import hashlib
import io
import os
import re
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, BinaryIO, Protocol, cast

import fsspec

from tasks.storage.records import AccessError, MissingFileError, StorageError, StorageOptions, StoredFile

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["ObjectCalls", "ObjectFiles", "memory_files", "s3_files"]

_READ_AHEAD = 2**20
_WHOLE = 4 * 2**20  # bytes; up to here one request for all costs less than several for what is needed
_SECRETS = ("AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_ACCESS_KEY_ID")
_MEMORY_LOCK = threading.Lock()


class ObjectCalls(Protocol):
    """What `ObjectFiles` calls: a part of fsspec's interface."""

    def cat_file(self, path: str, start: int | None = None, end: int | None = None) -> bytes: ...

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite") -> None: ...

    def find(self, path: str, *, detail: bool) -> Mapping[str, Mapping[str, object]]: ...

    def info(self, path: str) -> Mapping[str, object]: ...

    def rm_file(self, path: str) -> None: ...


class ObjectFiles:
    """`tasks.storage.records.Files` of an object store.

    Parameters
    ----------
    calls
        An fsspec file system, or what behaves like one, whose listings are not cached.
    protocol, path
        Root: ``bucket/prefix``.
    faults
        What the transport raises beside OSError.
    access_problem
        Says in a line whether a fault lies in address, bucket or credentials.
    abort_uploads
        Removes abandoned uploads of a path, below some of its folders or all, and counts them.
    """

    def __init__(  # noqa: PLR0917 - the six name one store
        self,
        calls: ObjectCalls,
        protocol: str,
        path: str,
        faults: tuple[type[Exception], ...] = (),
        access_problem: Callable[[Exception], str | None] = lambda _: None,
        abort_uploads: Callable[[str, Sequence[str]], int] = lambda _path, _below: 0,
    ) -> None:
        self._calls = calls
        self._protocol = protocol
        self._path = path
        self._faults = (OSError, *faults)
        self._access_problem = access_problem
        self._abort_uploads = abort_uploads

    @property
    def url(self) -> str:
        """The root."""
        return f"{self._protocol}://{self._path}"

    def read_bytes(self, key: str) -> bytes:
        """Read a whole object."""
        with self._reported(key):
            return self._calls.cat_file(self._at(key))

    def open(self, key: str, size: int | None) -> BinaryIO:
        """Open an object: a small one is read at once, a large one by ranges, each its own request."""
        known = self.stat(key).size if size is None else size
        if known > _WHOLE:
            return io.BufferedReader(_Ranges(self, key, known), _READ_AHEAD)
        data = self.read_bytes(key)
        self._check_length(key, data, known)
        return io.BytesIO(data)

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Read bytes ``start`` to ``end``, the last not included; fewer where the object ends before."""
        with self._reported(key):
            return self._calls.cat_file(self._at(key), start=start, end=end)

    def read_whole_range(self, key: str, start: int, end: int) -> bytes:
        """Read bytes ``start`` to ``end``; StorageError if fewer come."""
        data = self.read_range(key, start, end)
        self._check_length(key, data, end - start)
        return data

    def write(self, key: str, data: bytes) -> None:
        """Put an object."""
        with self._reported(key):
            self._calls.pipe_file(self._at(key), data)

    def create(self, key: str, data: bytes) -> bool:
        """Put an object that must not exist; False if it does.

        A store may refuse a request that the transport sent twice after its first reply was lost, and stores
        differ in how they say that they refuse: what lies there afterwards decides.
        """
        try:
            with self._exclusive():
                self._calls.pipe_file(self._at(key), data, mode="create")
        except self._faults as fault:
            if self._protocol == "memory" and isinstance(fault, FileExistsError):
                return False
            self._raise_access_problem(fault)
            try:
                return self.read_bytes(key) == data
            except MissingFileError:
                raise StorageError(f"{self.url}: {key!r} not created: {_line(fault)}") from fault
        return True

    def list(self, prefix: str) -> list[StoredFile]:
        """Every object below a prefix that ends at a '/'."""
        top = self._at(prefix) if prefix else self._path
        with self._reported(prefix):
            found = self._calls.find(top, detail=True)
        files = [self._described(name, info) for name, info in found.items() if self._below(name, top)]
        return sorted(files, key=lambda file: file.key)

    def stat(self, key: str) -> StoredFile:
        """Describe one object."""
        with self._reported(key):
            info = self._calls.info(self._at(key))
        if info.get("type") == "directory":
            raise MissingFileError(f"{self.url}: {key!r} is no file")
        return self._described(self._at(key), info)

    def delete(self, key: str) -> None:
        """Remove an object; absent is as good."""
        try:
            with self._reported(key):
                self._calls.rm_file(self._at(key))
        except MissingFileError:
            return

    def fingerprint(self, key: str) -> str:
        """The store's etag; a digest of the content where the store has none."""
        etag = self.stat(key).etag
        return f"etag:{etag}" if etag else f"sha256:{hashlib.sha256(self.read_bytes(key)).hexdigest()}"

    def remove_partials(self, prefixes: Sequence[str]) -> int:
        """Abort uploads that were begun a day ago or more; objects themselves appear whole.

        Not every store lists uploads, and not everyone may: then its own lifecycle rule has to abort them.
        """
        try:
            with self._reported("uploads"):
                return self._abort_uploads(self._path, prefixes)
        except StorageError as error:
            cause = error.__cause__
            if isinstance(cause, PermissionError) or getattr(cause, "errno", None) == errno.ENOSYS:
                return 0
            raise

    def remove_empty_folders(self, prefix: str) -> None:
        """A store has no folders."""
        del prefix

    def _at(self, key: str) -> str:
        return f"{self._path}/{key}"

    @staticmethod
    def _below(name: str, top: str) -> bool:
        return name.lstrip("/").startswith(f"{top}/") and not name.endswith("/")

    def _check_length(self, key: str, data: bytes, wanted: int) -> None:
        if len(data) != wanted:
            raise StorageError(f"{self.url}: {key!r}: got {len(data)} bytes where {wanted} should lie")

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
        except self._faults as error:
            self._raise_access_problem(error)
            if isinstance(error, FileNotFoundError):
                raise MissingFileError(f"{self.url}: there is no {key!r}") from error
            raise StorageError(f"{self.url}: {key!r}: {_line(error)}") from error

    def _raise_access_problem(self, error: Exception) -> None:
        problem = self._access_problem(error)
        if problem:
            raise AccessError(f"{self.url}: {_without_secrets(problem)}") from error


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

    def readall(self) -> bytes:
        start, self._position = self._position, max(self._position, self._size)
        return self._files.read_whole_range(self._key, start, self._size) if start < self._size else b""

    def readinto(self, buffer: "WriteableBuffer") -> int:
        view = memoryview(buffer)
        end = min(self._position + len(view), self._size)
        if end <= self._position:
            return 0
        data = self._files.read_whole_range(self._key, self._position, end)
        view[: len(data)] = data
        self._position += len(data)
        return len(data)


def memory_files(path: str) -> ObjectFiles:
    """Objects of this process's memory, for tests."""
    return ObjectFiles(cast("ObjectCalls", fsspec.filesystem("memory")), "memory", path)


def s3_files(path: str, options: Callable[[], StorageOptions]) -> ObjectFiles:
    """Objects of S3 or of a server that speaks its protocol; ``options`` is asked at every request."""
    import aiohttp  # noqa: PLC0415 - half a second that only S3 needs
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - as above

    from tasks.storage.s3_objects import S3Objects  # noqa: PLC0415 - as above

    calls = S3Objects(options)
    return ObjectFiles(
        calls,
        "s3",
        path,
        (BotoCoreError, ClientError, aiohttp.ClientError),
        partial(calls.access_problem, bucket=path.partition("/")[0]),
        calls.abort_uploads,
    )


def _moment(value: object) -> datetime:
    if isinstance(value, datetime):
        return value.astimezone(UTC)
    return datetime.fromtimestamp(float(cast("float", value)), UTC)


def _line(error: Exception) -> str:
    """First line of an error, without what must not be printed."""
    return _without_secrets(str(error).partition("\n")[0] or type(error).__name__)


def _without_secrets(text: str) -> str:
    for name in _SECRETS:
        if os.environ.get(name):
            text = text.replace(os.environ[name], f"${name}")
    text = re.sub(r"//[^/\s@]*@", "//", text)
    return re.sub(r"(?i)((?:signature|credential|security-token)=)[^&\s]+", r"\1...", text)
