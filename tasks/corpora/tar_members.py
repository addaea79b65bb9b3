"""Members of a tar archive by their headers alone: bodies are skipped, nothing is unpacked."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ilime_core.errors import InputError
from tasks.storage_keys import check_key

__all__ = ["TarMember", "tar_members"]

_BLOCK = 512
_LONGEST_EXTENSION = 2**20
"""Largest extended header that is read; of a name 1,024 bytes are allowed in the end."""

_REFUSED = {
    "1": "a hard link",
    "2": "a symbolic link",
    "3": "a device",
    "4": "a device",
    "6": "a pipe",
    "S": "a sparse file",
    "M": "a continuation of another volume",
}


@dataclass(frozen=True, slots=True)
class TarMember:
    """A regular file of an archive."""

    name: str
    offset: int
    """Of the first byte of its content."""
    size: int
    """Bytes."""


def tar_members(stream: BinaryIO, place: str) -> Iterator[TarMember]:
    """Walk an archive in the formats ustar, GNU and pax.

    Parameters
    ----------
    stream
        Can be sought; whoever takes a member may move it between two of them.
    place
        Name of the archive for messages.

    Raises
    ------
    InputError
        If the archive is cut short or damaged, or holds a link, a device, a sparse file or a name that leads
        out of it; the message names the byte or the member.

    References
    ----------
    .. [1] IEEE Std 1003.1-2017, pax: ustar and pax interchange formats.
    .. [2] GNU tar manual 1.35, "Basic Tar Format".
    """
    return _Archive(stream, place).members()


@dataclass(frozen=True, slots=True)
class _Header:
    kind: str
    name: str
    size: int


class _Archive:
    def __init__(self, stream: BinaryIO, place: str) -> None:
        self._stream = stream
        self._place = place
        self._end = stream.seek(0, os.SEEK_END)

    def members(self) -> Iterator[TarMember]:
        at, name, size = 0, None, None
        while (header := self._header(at)) is not None:
            body = at + _BLOCK
            if header.kind in {"L", "K", "x", "g"}:
                extension = self._bytes(body, header.size, _LONGEST_EXTENSION)
                if header.kind == "L":
                    name = self._text(extension.rstrip(b"\0"), at)
                elif header.kind in {"x", "g"}:
                    name, size = self._extended(header.kind, extension, at, (name, size))
                at = body + _padded(header.size)
                continue
            named = name or header.name
            length = header.size if size is None else size
            name, size = None, None
            if header.kind == "5" or named.endswith("/"):
                at = body
                continue
            self._check(header.kind, named, at)
            if body + length > self._end:
                raise self._wrong(
                    at, f"{named!r} of {length:,} bytes ends after the archive: it is cut short"
                )
            yield TarMember(self._name(named, at), body, length)
            at = body + _padded(length)

    def _header(self, at: int) -> _Header | None:
        """Parse the header at a byte; None at the end of the archive."""
        block = self._bytes(at, _BLOCK, _BLOCK)
        if not any(block):
            return None
        if _octal(block[148:156]) not in _checksums(block):
            raise self._wrong(at, "no header with a right checksum: not a plain tar archive, or damaged")
        size = _number(block[124:136])
        if size is None:
            raise self._wrong(at, "a header without a size: damaged")
        name = block[:100].split(b"\0")[0]
        if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
            name = prefix + b"/" + name
        return _Header(block[156:157].strip(b"\0").decode("latin-1") or "0", self._text(name, at), size)

    def _extended(
        self, kind: str, data: bytes, at: int, known: tuple[str | None, int | None]
    ) -> tuple[str | None, int | None]:
        """Name and size that a pax header gives to the member after it."""
        name, size = known
        for key, value in self._records(data, at):
            if key.startswith(b"GNU.sparse."):
                raise self._wrong(at, "a sparse file; only whole files are read")
            if kind == "g" and key in {b"path", b"size"}:
                raise self._wrong(at, f"one {key.decode()} for all members; damaged")
            if key == b"path":
                name = self._text(value, at)
            elif key == b"size":
                if not value.isdigit() or len(value) > 18:
                    raise self._wrong(at, "a pax size that is no number; damaged")
                size = int(value)
        return name, size

    def _records(self, data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
        while data.strip(b"\0"):
            length, space, _ = data.partition(b" ")
            end = int(length) if length.isdigit() and len(length) < 8 else 0
            record = data[len(length) + 1 : end]
            key, equals, value = record.partition(b"=")
            if not (space and equals and record.endswith(b"\n") and end <= len(data)):
                raise self._wrong(at, "a damaged pax header")
            yield key, value[:-1]
            data = data[end:]

    def _check(self, kind: str, name: str, at: int) -> None:
        if kind in _REFUSED:
            raise self._wrong(at, f"{name!r} is {_REFUSED[kind]}; only whole files are read")
        if kind not in {"0", "7"}:
            raise self._wrong(at, f"{name!r} is of the unknown kind {kind!r}; only whole files are read")

    def _name(self, name: str, at: int) -> str:
        try:
            return check_key(name.removeprefix("./"))
        except InputError as error:
            raise self._wrong(at, str(error)) from error

    def _bytes(self, at: int, size: int, most: int) -> bytes:
        if size > most:
            raise self._wrong(at, f"an extended header of {size:,} bytes; at most {most:,} are read")
        self._stream.seek(at)
        data = self._stream.read(size)
        if len(data) < size:
            raise self._wrong(at, f"the archive ends here without its closing block: of {self._end:,} bytes")
        return data

    def _text(self, name: bytes, at: int) -> str:
        try:
            return name.decode()
        except UnicodeDecodeError as error:
            raise self._wrong(at, f"the name {name[:80]!r} is not in UTF-8") from error

    def _wrong(self, at: int, what: str) -> InputError:
        return InputError(f"{self._place}: byte {at:,}: {what}")


def _padded(size: int) -> int:
    return -(-size // _BLOCK) * _BLOCK


def _checksums(block: bytes) -> tuple[int, int]:
    """Sums of a header with blanks for its checksum; some old writers summed signed bytes."""
    blanked = block[:148] + b" " * 8 + block[156:]
    total = sum(blanked)
    return total, total - 256 * sum(byte > 127 for byte in blanked)


def _number(field: bytes) -> int | None:
    """Size of a member: octal digits, or base 256 with the first bit set."""
    if field[0] == 0x80:
        return int.from_bytes(field[1:])
    return _octal(field)


def _octal(field: bytes) -> int | None:
    digits = field.strip(b"\0 ")
    return int(digits, 8) if digits.isdigit() and not digits.strip(b"01234567") else None
