"""Digests of the files that a truth is read from."""

import hashlib
from collections.abc import Iterable

from tasks.storage.storage import Storage, StoredFile, UnreadableFileError

__all__ = ["combined", "file_line", "folder_lines"]


def combined(reader: str, lines: Iterable[str]) -> str:
    """Hex sha256 of a reader's name (with what it assumes) and of the files that it reads."""
    digest = hashlib.sha256(reader.encode())
    for line in lines:
        digest.update(b"\n" + line.encode())
    return digest.hexdigest()


def file_line(storage: Storage, file: StoredFile | str) -> str:
    """Content of one file, as the store tells it."""
    return storage.fingerprint(file)


def folder_lines(storage: Storage, files: Iterable[StoredFile]) -> Iterable[str]:
    """Names and contents of listed files."""
    for file in files:
        try:
            yield f"{file.key} {storage.fingerprint(file)}"
        except UnreadableFileError:
            yield f"{file.key} unreadable"
