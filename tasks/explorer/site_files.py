"""Files that a report has written into its folder, so that stale ones can be removed and no other."""

import hashlib
import re
from collections.abc import Mapping
from pathlib import Path

from ilime_core.errors import InputError
from tasks.storage.storage import MissingFileError, Storage, StorageError

__all__ = ["LIST", "SiteFiles"]

LIST = "report-files.txt"
"""Digest and name of every file that a report has written, as ``sha256sum`` writes them."""

_LINE = re.compile(
    r"(?P<digest>[0-9a-f]{64})  (?P<name>[A-Za-z0-9][A-Za-z0-9.-]*(/[A-Za-z0-9][A-Za-z0-9.-]*)*)"
)


class SiteFiles:
    """Files below one folder; each is listed before it is written, so that a killed process hides none.

    Raises
    ------
    InputError
        If the folder cannot be written.
    """

    def __init__(self, folder: str | Path) -> None:
        self._storage = Storage(str(folder))
        try:
            self._earlier = _read_list(self._storage)
            self._written: dict[str, str] = {}
            self._note({})
        except StorageError as error:
            raise InputError(f"the report cannot be written: {error}; name another folder") from error

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, over those of the same names."""
        self._note({name: hashlib.sha256(data).hexdigest() for name, data in files.items()})
        for name, data in files.items():
            self._storage.write(name, data)

    def remove_stale(self) -> None:
        """Remove files of an earlier report that this one did not write; a file changed since stays."""
        for name, digests in self._earlier.items():
            if name not in self._written and self._digest(name) in digests:
                self._storage.delete(name)
        self._earlier = {}
        self._note({})

    def _digest(self, name: str) -> str | None:
        try:
            return hashlib.sha256(self._storage.read_bytes(name)).hexdigest()
        except MissingFileError:
            return None

    def _note(self, digests: Mapping[str, str]) -> None:
        """Add names to the list on disk."""
        self._written |= digests
        earlier = {(name, one) for name, known in self._earlier.items() for one in known}
        lines = sorted(earlier | set(self._written.items()))
        self._storage.write(LIST, "".join(f"{digest}  {name}\n" for name, digest in lines).encode())


def _read_list(storage: Storage) -> dict[str, set[str]]:
    """Digests by name; lines that no report wrote say nothing."""
    try:
        text = storage.read_bytes(LIST).decode(errors="replace")
    except MissingFileError:
        return {}
    known: dict[str, set[str]] = {}
    for line in text.splitlines():
        if found := _LINE.fullmatch(line):
            known.setdefault(found["name"], set()).add(found["digest"])
    return known
