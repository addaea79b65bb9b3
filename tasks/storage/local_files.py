"""Files of a local folder: whole or absent after any crash, and never outside the folder."""

import errno
import os
import secrets
import stat
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ilime_core.regular_file import IrregularFileError, open_regular, read_regular
from tasks.storage.digest_cache import file_digest
from tasks.storage.local_faults import refusal
from tasks.storage.local_links import leads_inside
from tasks.storage.records import (
    IrregularError,
    LinkOutError,
    MissingFileError,
    StorageError,
    StoredFile,
    UnreadableFileError,
)

__all__ = ["LocalFiles"]

_PARTIAL = ".partial"
_OWN_FAULTS = frozenset({errno.EACCES, errno.EPERM, errno.ELOOP, errno.ENAMETOOLONG})
"""Errors of one file that are permanent; a disk fault is EIO."""


class LocalFiles:
    """`tasks.storage.records.Files` below a folder, which need not exist before the first write."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    @property
    def url(self) -> str:
        """The folder."""
        return str(self._root)

    def read_bytes(self, key: str) -> bytes:
        """Read a whole file."""
        with self._reading(key):
            return read_regular(self._path(key))

    def open(self, key: str, size: int | None) -> BinaryIO:
        """See `tasks.storage.records.Files.open`; a file of another size raises StorageError."""
        with self._reading(key):
            stream = open_regular(self._path(key))
        found = os.fstat(stream.fileno()).st_size
        if size is not None and found != size:
            stream.close()
            raise StorageError(f"{self._root}: {key!r}: got {found} bytes where {size} should lie")
        return stream

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """See `tasks.storage.records.Files.read_range`."""
        with self._reading(key), open_regular(self._path(key)) as stream:
            stream.seek(start)
            return stream.read(end - start)

    def write(self, key: str, data: bytes) -> None:
        """See `tasks.storage.records.Files.write`: a temporary file, renamed when it is on disk."""
        with self._writing(key, len(data)), self._staged(key, data) as (partial, place):
            partial.replace(place)

    def create(self, key: str, data: bytes) -> bool:
        """See `tasks.storage.records.Files.create`: a hard link is create-only on POSIX."""
        with self._writing(key, len(data)), self._staged(key, data) as (partial, place):
            try:
                os.link(partial, place)
            except FileExistsError:
                return False
            return True

    def list(self, prefix: str) -> list[StoredFile]:
        """Every file below a folder, except links to folders and links that lead out."""
        with self._reported(prefix):
            top = self._path(prefix) if prefix else self._root
            return sorted(self._walk(top), key=lambda file: file.key) if top.is_dir() else []

    def stat(self, key: str) -> StoredFile:
        """Describe one file."""
        with self._reading(key):
            found = self._path(key).stat()
        if not stat.S_ISREG(found.st_mode):
            raise IrregularError(f"{self._root}: {key!r} is no regular file")
        return StoredFile(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove a file; no error if it is absent."""
        with self._reported(key):
            self._path(key).unlink(missing_ok=True)

    def fingerprint(self, key: str) -> str:
        """``sha256:`` and the content's digest."""
        with self._reading(key):
            return f"sha256:{file_digest(self._path(key))}"

    def remove_partials(self, prefixes: Sequence[str]) -> int:
        """Remove temporary files of killed writers."""
        n_removed = 0
        for top in [self._path(prefix) for prefix in prefixes] or [self._root]:
            with self._reported(top.name):
                partials = [path for path in top.rglob(f".*{_PARTIAL}") if path.is_file()]
                for path in partials:
                    path.unlink(missing_ok=True)
                n_removed += len(partials)
        return n_removed

    def remove_empty_folders(self, prefix: str) -> None:
        """Remove folders from the deepest up; one that another writer fills meanwhile stays."""
        with self._reported(prefix):
            for folder, _, _ in os.walk(self._path(prefix), topdown=False):
                with suppress(OSError):
                    Path(folder).rmdir()

    def _path(self, key: str) -> Path:
        path = self._root / key
        if not leads_inside(path, self._root):
            raise LinkOutError(
                f"{self._root}: {key!r} is a link that leads out of the folder, and is refused"
            )
        return path

    def _walk(self, top: Path) -> Iterator[StoredFile]:
        folders = [top]
        while folders:
            with os.scandir(folders.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(Path(entry.path))
                    elif not entry.name.endswith(_PARTIAL):
                        yield from self._described(entry)

    def _described(self, entry: os.DirEntry[str]) -> Iterator[StoredFile]:
        if entry.is_symlink() and not (
            Path(entry.path).is_file() and leads_inside(Path(entry.path), self._root)
        ):
            return
        with suppress(FileNotFoundError):  # another writer removed it since the folder was read
            found = entry.stat()
            key = Path(entry.path).relative_to(self._root).as_posix()
            yield StoredFile(key, found.st_size, datetime.fromtimestamp(found.st_mtime, UTC))

    @contextmanager
    def _staged(self, key: str, data: bytes) -> Generator[tuple[Path, Path]]:
        """Data on disk under a temporary name beside its place; the folder is on disk when this ends."""
        place = self._path(key)
        _make_folder(place.parent)
        partial = place.parent / f".{secrets.token_hex(8)}{_PARTIAL}"
        try:
            with partial.open("xb") as stream:
                stream.write(data)
                stream.flush()
                os.fsync(stream.fileno())
            yield partial, place
        finally:
            with suppress(OSError):
                partial.unlink(missing_ok=True)
        _sync_folder(place.parent)

    @contextmanager
    def _reported(self, key: str) -> Generator[None]:
        try:
            yield
        except FileNotFoundError as error:
            raise MissingFileError(f"{self._root}: there is no {key!r}") from error
        except OSError as error:
            raise StorageError(self._line(key, error)) from error

    @contextmanager
    def _writing(self, key: str, size: int) -> Generator[None]:
        """Separate a place that refuses every write from a fault that may pass."""
        with self._reported(key):
            try:
                yield
            except OSError as error:
                refused = refusal(self._root, f"write {key!r}, {size:,} bytes", error)
                if refused is None:
                    raise
                raise refused from error

    @contextmanager
    def _reading(self, key: str) -> Generator[None]:
        """Separate a fault of this one file, which is permanent, from one of the disk."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError) as error:
            raise MissingFileError(f"{self._root}: there is no {key!r}") from error
        except IrregularFileError as error:
            raise IrregularError(self._line(key, error)) from error
        except OSError as error:
            kind = UnreadableFileError if error.errno in _OWN_FAULTS else StorageError
            raise kind(self._line(key, error)) from error

    def _line(self, key: str, error: OSError) -> str:
        return f"{self._root}: {key!r}: {error.strerror or type(error).__name__}"


def _make_folder(folder: Path) -> None:
    if not folder.is_dir():
        _make_folder(folder.parent)
        folder.mkdir(exist_ok=True)
        _sync_folder(folder.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
