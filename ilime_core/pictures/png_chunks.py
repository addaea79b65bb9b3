"""Chunks of a PNG that hold no pixels and are too large for the decoder, which would give up the picture."""

import struct
import zlib
from collections.abc import Iterator

__all__ = ["without_large_texts"]

_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_TEXTS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})
_LARGEST = 2**20
"""Bytes of one text when unpacked; Pillow's MAX_TEXT_CHUNK."""
_TOGETHER = 32 * 2**20
"""Bytes of all texts of a picture; half of Pillow's MAX_TEXT_MEMORY."""


def without_large_texts(data: bytes) -> bytes:
    """Return a PNG without packed texts and profiles over a mebibyte, or any after 32 of them."""
    if not data.startswith(_SIGNATURE):
        return data
    dropped: list[tuple[int, int]] = []
    total = 0
    for kind, start, end in _chunks(data):
        if kind in _TEXTS:
            content = data[start + 8 : end - 4]
            packed = _packed(kind, content)
            size = len(content) if packed is None else _unpacked_size(packed)
            if (packed is not None and size > _LARGEST) or total + size > _TOGETHER:
                dropped.append((start, end))
            else:
                total += size
    if not dropped:
        return data
    starts, ends = [0, *(end for _, end in dropped)], [*(start for start, _ in dropped), len(data)]
    return b"".join(data[start:end] for start, end in zip(starts, ends, strict=True))


def _chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, first byte and end of every chunk that lies there whole."""
    start = len(_SIGNATURE)
    while start + 12 <= len(data):
        length, kind = struct.unpack_from(">I4s", data, start)
        end = start + 12 + length
        if end > len(data):
            return
        yield kind, start, end
        start = end


def _packed(kind: bytes, content: bytes) -> bytes | None:
    """The packed part of a text or profile; None where nothing is packed."""
    _, _, rest = content.partition(b"\0")
    if kind in {b"zTXt", b"iCCP"}:
        return rest[1:]
    if kind == b"iTXt" and rest.startswith(b"\1\0"):
        return rest[2:].split(b"\0", 2)[-1]
    return None


def _unpacked_size(packed: bytes) -> int:
    """Bytes when unpacked, at most one more than are read."""
    try:
        return len(zlib.decompressobj().decompress(packed, _LARGEST + 1))
    except zlib.error:  # the decoder passes it over
        return len(packed)
