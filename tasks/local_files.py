"""Files of a local folder: whole or absent after any crash, and never outside the folder."""

import os
import secrets
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from ilime_core.errors import InputError
from tasks.digest_cache import file_digest
from tasks.storage_records import MissingFileError, StorageError, StoredFile

__all__ = ["LocalFiles"]

_PARTIAL = ".partial"
_ABSENT = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


class LocalFiles:
    """`tasks.storage_records.Files` below a folder, which need not exist before the first write."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    @property
    def url(self) -> str:
        """The folder."""
        return str(self._root)

    def read_bytes(self, key: str) -> bytes:
        """Read a whole file."""
        with self._reported(key, _ABSENT):
            return self._path(key).read_bytes()

    def open(self, key: str, size: int | None) -> BinaryIO:
        """Open a file for reading."""
        with self._reported(key, _ABSENT):
            stream = self._path(key).open("rb")
        found = os.fstat(stream.fileno()).st_size
        if size is not None and found != size:
            stream.close()
            raise StorageError(f"{self._root}: {key!r}: got {found} bytes where {size} should lie")
        return stream

    def read_range(self, key: str, start: int, end: int) -> bytes:
        """Read bytes ``start`` to ``end``, the last not included; fewer where the file ends before."""
        with self._reported(key, _ABSENT), self._path(key).open("rb") as stream:
            stream.seek(start)
            return stream.read(end - start)

    def write(self, key: str, data: bytes) -> None:
        """Write a whole file under its final name at once."""
        with self._reported(key), self._staged(key, data) as (partial, place):
            partial.replace(place)

    def create(self, key: str, data: bytes) -> bool:
        """Write a file that must not exist; False if it does. A hard link is create-only on POSIX."""
        with self._reported(key), self._staged(key, data) as (partial, place):
            try:
                os.link(partial, place)
            except FileExistsError:
                return False
            return True

    def list(self, prefix: str) -> list[StoredFile]:
        """Every file below a folder, links to folders not followed, links that lead out left out."""
        with self._reported(prefix):
            top = self._path(prefix) if prefix else self._root
            return sorted(self._walk(top), key=lambda file: file.key) if top.is_dir() else []

    def stat(self, key: str) -> StoredFile:
        """Describe one file."""
        with self._reported(key, _ABSENT):
            path = self._path(key)
            stat = path.stat()
            if not path.is_file():
                raise MissingFileError(f"{self._root}: {key!r} is no file")
            return StoredFile(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))

    def delete(self, key: str) -> None:
        """Remove a file; absent is as good."""
        with self._reported(key):
            self._path(key).unlink(missing_ok=True)

    def fingerprint(self, key: str) -> str:
        """``sha256:`` and the content's digest."""
        with self._reported(key, _ABSENT):
            return f"sha256:{file_digest(self._path(key))}"

    def remove_partials(self, prefixes: Sequence[str]) -> int:
        """Remove what killed writers left."""
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
        if not _inside(path, self._root):
            raise InputError(f"{self._root}: {key!r} is a link that leads out of the folder, and is refused")
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
        if entry.is_symlink() and not (Path(entry.path).is_file() and _inside(Path(entry.path), self._root)):
            return
        with suppress(FileNotFoundError):  # another writer removed it since the folder was read
            stat = entry.stat()
            key = Path(entry.path).relative_to(self._root).as_posix()
            yield StoredFile(key, stat.st_size, datetime.fromtimestamp(stat.st_mtime, UTC))

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
    def _reported(
        self, key: str, absent: tuple[type[OSError], ...] = (FileNotFoundError,)
    ) -> Generator[None]:
        try:
            yield
        except absent as error:
            raise MissingFileError(f"{self._root}: there is no {key!r}") from error
        except OSError as error:
            raise StorageError(f"{self._root}: {key!r}: {error.strerror or type(error).__name__}") from error


def _inside(path: Path, root: Path) -> bool:
    real = os.path.realpath(path)  # unlike Path.resolve it takes loops of links without an error
    return Path(real).is_relative_to(os.path.realpath(root))


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
