"""Parts checked against their records before a row of them is used."""

import hashlib
import io
from typing import BinaryIO

from tasks.run_files.commit_records import Part
from tasks.run_files.damage import DamageError, MissingPartError
from tasks.run_files.part_cache import PartCache
from tasks.storage.range_stream import RangeStream
from tasks.storage.storage import AccessError, MissingFileError, Storage, StorageError

__all__ = ["PIECE", "WHOLE", "open_part", "part_problem", "piece_digests"]

WHOLE = 4 * 2**20
"""Bytes up to which a part is read and checked as a whole; of a larger one, only the needed pieces are."""

PIECE = 2**20
"""Bytes of a part that are checked together."""


def piece_digests(data: bytes) -> tuple[str, ...]:
    """First 16 hex digits of the sha256 of every piece of a large part; none of a small one."""
    if len(data) <= WHOLE:
        return ()
    return tuple(_short(data[start : start + PIECE]) for start in range(0, len(data), PIECE))


def open_part(storage: Storage, part: Part, cache: PartCache | None = None) -> BinaryIO:
    """Open a part; every byte read from the stream has been checked against the part's record.

    Parameters
    ----------
    storage
        Output of the run.
    part
        Part as its record describes it.
    cache
        Cache that keeps the part if it is small enough; None reads it from the store.

    Returns
    -------
    BinaryIO
        Seekable stream; of a large part only the pieces that are read are fetched.

    Raises
    ------
    MissingPartError
        If there is no such part.
    DamageError
        If it is another one than was written; reading the stream may raise this, too.
    StorageError
        If the transport fails.
    """
    if cache is not None and cache.holds(part.bytes):
        return io.BytesIO(cache.get((storage.url, part.key), lambda: _kept(storage, part)))
    if part.bytes <= WHOLE:
        return io.BytesIO(_small(storage, part))
    if part.pieces:
        return io.BufferedReader(RangeStream(part.bytes, _Pieces(storage, part).read), PIECE)
    try:  # of a version before pieces
        return storage.open(part.key, size=part.bytes)
    except StorageError as error:
        raise _explained(storage, part, error) from error


def part_problem(part: Part, data: bytes) -> str | None:
    """Describe in what bytes differ from the part that a record describes.

    Parameters
    ----------
    part
        Part as its record describes it.
    data
        Content to check.

    Returns
    -------
    str or None
        Size or sha256 got and needed; None if both agree.
    """
    if len(data) != part.bytes:
        return f"has {len(data)} bytes; its record says {part.bytes}"
    sha256 = hashlib.sha256(data).hexdigest()
    return None if sha256 == part.sha256 else f"has sha256 {sha256}; its record says {part.sha256}"


def _small(storage: Storage, part: Part) -> bytes:
    try:
        with storage.open(part.key, size=part.bytes) as stream:
            data = stream.read()
    except StorageError as error:
        raise _explained(storage, part, error) from error
    return _checked(storage, part, data)


def _kept(storage: Storage, part: Part) -> bytes:
    try:
        data = storage.read_bytes(part.key)
    except StorageError as error:
        raise _explained(storage, part, error) from error
    return _checked(storage, part, data)


def _checked(storage: Storage, part: Part, data: bytes) -> bytes:
    problem = part_problem(part, data)
    if problem is None:
        return data
    if len(data) != part.bytes and storage.stat(part.key).size == part.bytes:
        raise StorageError(f"{storage.url}: {part.key!r}: {len(data)} bytes came of {part.bytes}")
    raise DamageError.of(storage.url, part.key, problem)


def _explained(storage: Storage, part: Part, error: StorageError) -> StorageError:
    """Error of the file if the file is at fault, else the transport's own."""
    if isinstance(error, MissingFileError):
        return MissingPartError.of(storage.url, part.key, "a record names it and it does not exist")
    if not isinstance(error, AccessError | DamageError):
        try:
            size = storage.stat(part.key).size
        except StorageError:
            return error
        if size != part.bytes:
            return DamageError.of(storage.url, part.key, f"has {size} bytes; its record says {part.bytes}")
    return error


class _Pieces:
    """A large part, read by whole pieces, each checked when it is read; the last ones are kept."""

    def __init__(self, storage: Storage, part: Part) -> None:
        self._storage = storage
        self._part = part
        self._start, self._data = 0, b""

    def read(self, start: int, end: int) -> bytes:
        """Bytes ``start`` to ``end``, the last not included."""
        if not (self._start <= start and end <= self._start + len(self._data)):
            self._fetch(start // PIECE, -(-end // PIECE))
        return self._data[start - self._start : end - self._start]

    def _fetch(self, first: int, last: int) -> None:
        start, end = first * PIECE, min(last * PIECE, self._part.bytes)
        try:
            data = self._storage.read_range(self._part.key, start, end)
        except StorageError as error:
            raise _explained(self._storage, self._part, error) from error
        for number in range(first, last):
            place = number * PIECE - start
            if _short(data[place : place + PIECE]) != self._part.pieces[number]:
                reason = f"bytes {number * PIECE:,} to {(number + 1) * PIECE:,} are not what its record says"
                raise DamageError.of(self._storage.url, self._part.key, reason)
        self._start, self._data = start, data


def _short(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
