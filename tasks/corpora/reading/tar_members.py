"""Members of a tar archive by their headers alone: bodies are skipped, nothing is unpacked."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import BinaryIO

from ilime_core.errors import FailureReason, InputError, ItemError
from tasks.corpora.reading.file_heads import HEAD_BYTES, other_kind
from tasks.storage.keys import check_key

__all__ = ["TarMember", "tar_members"]

_BLOCK = 512
_LONGEST_EXTENSION = 2**20
"""Largest extended header that is read; of a name 1,024 bytes are allowed in the end."""

_NO_FILES = {
    "1": "a hard link",
    "2": "a symbolic link",
    "3": "a device",
    "4": "a device",
    "6": "a pipe",
    "S": "a sparse file",
    "M": "a continuation of another volume",
}
_WITHOUT_CONTENT = frozenset("12346")
"""Kinds whose size, if they have one, is that of another file."""
_LABELS = frozenset("5V")
"""Folders and the name of a volume."""


@dataclass(frozen=True, slots=True)
class TarMember:
    """A member of an archive."""

    name: str
    offset: int
    """Of the first byte of its content."""
    size: int
    """Bytes."""
    wrong: ItemError | None = None
    """Reason why it cannot be read."""


def tar_members(stream: BinaryIO, place: str) -> Iterator[TarMember]:
    """Walk an archive in the formats ustar, GNU and pax.

    Links, devices, sparse files and names that are not UTF-8 or lead out of the archive come with what is
    wrong with them; folders do not come.

    Parameters
    ----------
    stream
        Seekable; the caller may change its position between two members.
    place
        Name of the archive for messages.

    Yields
    ------
    Iterator[TarMember]
        Members in the order of the archive.

    Raises
    ------
    InputError
        If the archive is cut short or damaged; the message names the byte.

    References
    ----------
    .. [1] IEEE Std 1003.1-2017, pax: ustar and pax interchange formats.
    .. [2] GNU tar manual 1.35, "Basic Tar Format".
    """
    return _Archive(stream, place).members()


@dataclass(frozen=True, slots=True)
class _Header:
    kind: str
    name: bytes
    size: int
    extends: bool
    """True if a block of a sparse file's map follows."""


@dataclass(frozen=True, slots=True)
class _Extended:
    """What extended headers say of the member after them."""

    name: bytes | None = None
    size: int | None = None
    is_sparse: bool = False


class _Archive:
    def __init__(self, stream: BinaryIO, place: str) -> None:
        self._stream = stream
        self._place = place
        self._end = stream.seek(0, os.SEEK_END)

    def members(self) -> Iterator[TarMember]:
        at, known = 0, _Extended()
        while (header := self._header(at)) is not None:
            body = at + _BLOCK
            if header.kind in {"L", "K", "x", "g"}:
                extension = self._bytes(body, header.size, _LONGEST_EXTENSION)
                if header.kind == "L":
                    known = replace(known, name=extension.split(b"\0")[0])
                elif header.kind != "K":
                    known = self._extended(header.kind, extension, at, known)
                at = body + _padded(header.size)
                continue
            name = known.name if known.name is not None else header.name
            length = header.size if known.size is None else known.size
            if header.kind == "S":
                body = self._after_map(header, body)
            if header.kind in _LABELS or name.endswith(b"/"):
                length = 0
            elif header.kind in _WITHOUT_CONTENT:
                length = 0
                yield self._member(header.kind, name, at, TarMember("", body, 0))
            else:
                if body + length > self._end:
                    raise self._damaged(
                        at, f"{_shown(name)} of {length:,} bytes ends after the archive: it is cut short"
                    )
                kind = "S" if known.is_sparse else header.kind
                yield self._member(kind, name, at, TarMember("", body, length))
            at, known = body + _padded(length), _Extended()

    def _member(self, kind: str, name: bytes, at: int, found: TarMember) -> TarMember:
        """Give a member its name, and what is wrong with it."""
        text = name.decode(errors="backslashreplace").removeprefix("./")
        wrong: ItemError | None = None
        if kind not in {"0", "7"}:
            what = _NO_FILES.get(kind, f"of the unknown kind {kind!r}")
            wrong = self._wrong(
                FailureReason.UNREADABLE, at, f"{_shown(name)} is {what}; only whole files are read"
            )
        elif not _is_utf8(name):
            wrong = self._wrong(FailureReason.MALFORMED, at, f"the name {name[:80]!r} is not in UTF-8")
        else:
            try:
                check_key(text)
            except InputError as error:
                wrong = self._wrong(FailureReason.MALFORMED, at, str(error))
        return replace(found, name=text, wrong=wrong)

    def _header(self, at: int) -> _Header | None:
        """Parse the header at a byte; None at the end of the archive."""
        block = self._bytes(at, _BLOCK, _BLOCK)
        if not any(block):
            return None
        if _octal(block[148:156]) not in _checksums(block):
            raise self._damaged(at, "no header with a right checksum: not a plain tar archive, or damaged")
        size = _number(block[124:136])
        if size is None:
            raise self._damaged(at, "a header without a size: damaged")
        name = block[:100].split(b"\0")[0]
        if block[257:263] == b"ustar\0" and (prefix := block[345:500].split(b"\0")[0]):
            name = prefix + b"/" + name
        kind = block[156:157].strip(b"\0").decode("latin-1") or "0"
        return _Header(kind, name, size, extends=block[482:483] not in {b"", b"\0"})

    def _after_map(self, header: _Header, at: int) -> int:
        """Where the content of a sparse file begins: its map may go on after the header."""
        extends = header.extends
        while extends:
            extends = self._bytes(at, _BLOCK, _BLOCK)[504:505] != b"\0"
            at += _BLOCK
        return at

    def _extended(self, kind: str, data: bytes, at: int, known: _Extended) -> _Extended:
        """What a pax header says of the member after it."""
        for key, value in self._records(data, at):
            if kind == "g" and key in {b"path", b"size"}:
                raise self._damaged(at, f"one {key.decode()} for all members; damaged")
            if key.startswith(b"GNU.sparse."):
                known = replace(known, is_sparse=True)
            if key in {b"path", b"GNU.sparse.name"}:
                known = replace(known, name=value)
            elif key == b"size":
                if not value.isdigit() or len(value) > 18:
                    raise self._damaged(at, "a pax size that is no number; damaged")
                known = replace(known, size=int(value))
        return known

    def _records(self, data: bytes, at: int) -> Iterator[tuple[bytes, bytes]]:
        while data.strip(b"\0"):
            length, space, _ = data.partition(b" ")
            end = int(length) if length.isdigit() and len(length) < 8 else 0
            record = data[len(length) + 1 : end]
            key, equals, value = record.partition(b"=")
            if not (space and equals and record.endswith(b"\n") and end <= len(data)):
                raise self._damaged(at, "a damaged pax header")
            yield key, value[:-1]
            data = data[end:]

    def _bytes(self, at: int, size: int, most: int) -> bytes:
        if size > most:
            raise self._damaged(at, f"an extended header of {size:,} bytes; at most {most:,} are read")
        self._stream.seek(at)
        data = self._stream.read(size)
        if len(data) < size:
            raise self._damaged(
                at, f"the archive ends here without its closing block: of {self._end:,} bytes"
            )
        return data

    def _damaged(self, at: int, what: str) -> InputError:
        if at == 0:
            self._stream.seek(0)
            other = other_kind(self._stream.read(HEAD_BYTES))
            if other:
                return InputError(f"{self._place}: {other}")
        return InputError(f"{self._place}: byte {at:,}: {what}")

    def _wrong(self, reason: FailureReason, at: int, what: str) -> ItemError:
        return ItemError(reason, f"{self._place}: byte {at:,}: {what}")


def _shown(name: bytes) -> str:
    return repr(name.decode(errors="backslashreplace"))


def _is_utf8(name: bytes) -> bool:
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


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
