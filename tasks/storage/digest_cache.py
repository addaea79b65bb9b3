"""SHA-256 of local files, cached until the file system reports a change."""

import hashlib
import logging
import os
import sqlite3
import time
from contextlib import closing
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import BinaryIO

from ilime_core.regular_file import open_regular

__all__ = ["cache_folder", "file_digest"]

_LOG = logging.getLogger(__name__)
_SETTLED_NS = 2_000_000_000  # a younger file may still change within the same time stamp
_BLOCK = 2**20


def cache_folder() -> Path:
    """Folder of caches, which may be deleted: ``$XDG_CACHE_HOME/ilime`` or ``~/.cache/ilime``."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "ilime"


@dataclass(frozen=True, slots=True)
class _State:
    """State of a file as the file system reports it; ``changed_ns`` cannot be set by a program."""

    path: str
    size: int
    modified_ns: int
    changed_ns: int
    device: str
    inode: str

    @classmethod
    def of(cls, path: Path, stream: BinaryIO) -> "_State":
        found = os.fstat(stream.fileno())
        device, inode = str(found.st_dev), str(found.st_ino)  # as text: both may exceed SQLite's integers
        return cls(str(path), found.st_size, found.st_mtime_ns, found.st_ctime_ns, device, inode)

    @property
    def is_settled(self) -> bool:
        return time.time_ns() - max(self.modified_ns, self.changed_ns) > _SETTLED_NS


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hex; read from the cache where the file system reports no change.

    A replaced file has another inode, and a file that was written to has another time of change, even if its
    size and time of modification are the same.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    with open_regular(path) as stream:
        state = _State.of(path, stream)
        known = _look_up(state)
        if known is not None:
            return known
        settled = state.is_settled  # then whatever changes from now on has another time of change
        digest = _hash(stream)
        if settled:
            _remember(state, digest)
    return digest


def _hash(stream: BinaryIO) -> str:
    digest = hashlib.sha256()
    while block := stream.read(_BLOCK):
        digest.update(block)
    return digest.hexdigest()


def _connect() -> sqlite3.Connection:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    connection = sqlite3.connect(folder / "digests.sqlite", timeout=10.0)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=NORMAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS contents (path TEXT PRIMARY KEY, size INTEGER, modified_ns INTEGER,"
        " changed_ns INTEGER, device TEXT, inode TEXT, sha256 TEXT) WITHOUT ROWID"
    )
    return connection


def _look_up(state: _State) -> str | None:
    query = (
        "SELECT sha256 FROM contents WHERE path = ? AND size = ? AND modified_ns = ? AND changed_ns = ?"
        " AND device = ? AND inode = ?"
    )
    try:
        with closing(_connect()) as connection:
            row = connection.execute(query, astuple(state)).fetchone()
    except (OSError, sqlite3.Error) as error:
        _LOG.debug("digest cache not read: %s", error)
        return None
    return None if row is None else str(row[0])


def _remember(state: _State, digest: str) -> None:
    try:
        with closing(_connect()) as connection, connection:
            values = (*astuple(state), digest)
            connection.execute("INSERT OR REPLACE INTO contents VALUES (?, ?, ?, ?, ?, ?, ?)", values)
    except (OSError, sqlite3.Error) as error:
        _LOG.debug("digest cache not written: %s", error)
