"""Seekable stream over a file of known size that is read by ranges of bytes."""

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["RangeStream"]


class RangeStream(io.RawIOBase):
    """Raw stream: every read is one call, and what that raises leaves the stream as it is.

    Parameters
    ----------
    size
        Bytes of the file.
    fetch
        Returns the bytes from a start to an end, the last not included; all of them.
    """

    def __init__(self, size: int, fetch: Callable[[int, int], bytes]) -> None:
        self._size = size
        self._fetch = fetch
        self._position = 0

    def readable(self) -> bool:
        """True: the stream can be read."""
        return True

    def seekable(self) -> bool:
        """True: `seek` works in both directions."""
        return True

    def tell(self) -> int:
        """Position in bytes from the start."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """See `io.IOBase.seek`; a position before the start becomes 0."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readall(self) -> bytes:
        """Read from the position to the end by one request."""
        start, self._position = self._position, max(self._position, self._size)
        return self._fetch(start, self._size) if start < self._size else b""

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill a buffer by one request; returns the bytes read, 0 at the end."""
        view = memoryview(buffer).cast("B")
        end = min(self._position + len(view), self._size)
        n = max(0, end - self._position)
        if n:
            view[:n] = self._fetch(self._position, end)
            self._position += n
        return n
