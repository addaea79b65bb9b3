"""Content digests of local files, remembered by path, size and modification time."""

import hashlib
import logging
import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from ilime_core.regular_file import open_regular

__all__ = ["cache_folder", "file_digest"]

_LOG = logging.getLogger(__name__)
_SETTLED_NS = 2_000_000_000  # a younger file may still change within the same time stamp
_BLOCK = 2**20


def cache_folder() -> Path:
    """Folder for what may be lost: ``$XDG_CACHE_HOME/ilime`` or ``~/.cache/ilime``."""
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser() / "ilime"


def file_digest(path: Path) -> str:
    """SHA-256 of a file, hex; read from the cache where size and modification time are the same.

    Raises
    ------
    OSError
        If the file cannot be read.
    """
    stat = path.stat()
    key = (str(path), stat.st_size, stat.st_mtime_ns)
    known = _look_up(key)
    if known is not None:
        return known
    digest = _hash(path)
    if time.time_ns() - stat.st_mtime_ns > _SETTLED_NS:
        _remember(key, digest)
    return digest


def _hash(path: Path) -> str:
    digest = hashlib.sha256()
    with open_regular(path) as stream:
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
        "CREATE TABLE IF NOT EXISTS digests"
        " (path TEXT PRIMARY KEY, size INTEGER, mtime_ns INTEGER, sha256 TEXT) WITHOUT ROWID"
    )
    return connection


def _look_up(key: tuple[str, int, int]) -> str | None:
    query = "SELECT sha256 FROM digests WHERE path = ? AND size = ? AND mtime_ns = ?"
    try:
        with closing(_connect()) as connection:
            row = connection.execute(query, key).fetchone()
    except (OSError, sqlite3.Error) as error:
        _LOG.debug("digest cache not read: %s", error)
        return None
    return None if row is None else str(row[0])


def _remember(key: tuple[str, int, int], digest: str) -> None:
    try:
        with closing(_connect()) as connection, connection:
            connection.execute("INSERT OR REPLACE INTO digests VALUES (?, ?, ?, ?)", (*key, digest))
    except (OSError, sqlite3.Error) as error:
        _LOG.debug("digest cache not written: %s", error)
