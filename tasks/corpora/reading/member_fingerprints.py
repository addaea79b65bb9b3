"""Fingerprints of images that lie inside larger files."""

import hashlib
from collections.abc import Mapping, Sequence

from tasks.corpora.corpus import ImageEntry
from tasks.storage.many_requests import read_many
from tasks.storage.storage import MissingFileError, Storage, StoredFile

__all__ = ["member_fingerprints"]


def member_fingerprints(
    storage: Storage, entries: Sequence[ImageEntry], known: Mapping[str, StoredFile]
) -> list[str | None]:
    """Digest of a file's fingerprint and the member's name: a changed file changes all of its members.

    Parameters
    ----------
    storage
        Root of the files.
    entries
        Images with a ``member``.
    known
        Files that were listed already, by key; asking for their etags again would cost a request each.

    Returns
    -------
    list[str | None]
        One fingerprint an entry; None where its file is absent.
    """
    keys = sorted({entry.uri for entry in entries})

    def of_file(key: str) -> str | None:
        try:
            return storage.fingerprint(known.get(key, key))
        except MissingFileError:
            return None

    files = dict(zip(keys, read_many(of_file, keys), strict=True))
    return [_of_member(files[entry.uri], entry) for entry in entries]


def _of_member(file: str | None, entry: ImageEntry) -> str | None:
    if file is None:
        return None
    digest = hashlib.sha256(f"{file}\0{entry.member}".encode())
    return f"member:{digest.hexdigest()}"
