"""Digests of the files that a truth is read from."""

import hashlib
from collections.abc import Iterable

from tasks.storage.storage import Storage, StoredFile, UnreadableFileError

__all__ = ["combined", "file_line", "folder_lines"]


def combined(reader: str, lines: Iterable[str]) -> str:
    """Hex sha256 of a reader's name (with what it assumes) and of the files that it reads.

    Parameters
    ----------
    reader
        Name of the reader.
    lines
        One line a file; their order counts.

    Returns
    -------
    str
        64 hex digits.
    """
    digest = hashlib.sha256(reader.encode())
    for line in lines:
        digest.update(b"\n" + line.encode())
    return digest.hexdigest()


def file_line(storage: Storage, file: StoredFile | str) -> str:
    """Fingerprint of the content of one file, as the store reports it.

    Parameters
    ----------
    storage
        Root of the file.
    file
        Listed file, or its key.

    Returns
    -------
    str
        Changes when the content does.
    """
    return storage.fingerprint(file)


def folder_lines(storage: Storage, files: Iterable[StoredFile]) -> Iterable[str]:
    """Names and contents of listed files.

    Parameters
    ----------
    storage
        Root of the files.
    files
        As listed.

    Yields
    ------
    Iterable[str]
        Key and fingerprint of each file, or that it is unreadable.
    """
    for file in files:
        try:
            yield f"{file.key} {storage.fingerprint(file)}"
        except UnreadableFileError:
            yield f"{file.key} unreadable"
