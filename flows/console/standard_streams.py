"""Standard output and error that never end a command: closed, full, or of another encoding than ours."""

import errno
import io
import os
import sys
from typing import IO, TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

__all__ = ["GuardedOutput", "guard_streams"]

_KEPT = 2**16
"""Bytes of what is lost that are remembered: they may name where the work lies."""


class GuardedOutput(io.RawIOBase):
    """A descriptor whose faults are kept instead of raised; what follows the first one is lost.

    Parameters
    ----------
    descriptor
        Where to write.
    closed
        Whether it was closed when the program started: then all is lost that is written.
    """

    def __init__(self, descriptor: int, *, closed: bool = False) -> None:
        self._descriptor = descriptor
        self._closed = closed
        self._fault: OSError | None = None
        self._lost = b""

    @property
    def reason(self) -> str:
        """Error by which output was lost; empty if none was."""
        return "" if self._fault is None else self._fault.strerror or type(self._fault).__name__

    @property
    def reader_left(self) -> bool:
        """True if the reader of a pipe has closed it, as ``head`` does."""
        return self._fault is not None and self._fault.errno == errno.EPIPE

    @property
    def lost(self) -> str:
        """The end of what was lost."""
        return self._lost.decode(errors="replace")

    def writable(self) -> bool:
        """True, always."""
        return True

    def fileno(self) -> int:
        """Descriptor that is written to."""
        return self._descriptor

    def isatty(self) -> bool:
        """True if the descriptor is an open terminal."""
        return not self._closed and os.isatty(self._descriptor)

    def write(self, data: "ReadableBuffer") -> int:
        """Write, or keep the last bytes once writing has failed; never raises."""
        known = bytes(data)
        if self._closed and self._fault is None:
            self._fault = OSError(errno.EBADF, "it is closed")
        if self._fault is None:
            try:
                return os.write(self._descriptor, known)
            except OSError as error:
                self._fault = error
        self._lost = (self._lost + known)[-_KEPT:]
        return len(known)


def guard_streams() -> GuardedOutput:
    """Put standard output and error behind a guard each; the one of standard output.

    What an encoding cannot hold is written as an escape. Descriptors that are closed lead nowhere from here
    on, so that no file that is opened later takes their number and gets what is printed.
    """
    closed = _fill_closed()
    output = GuardedOutput(1, closed=1 in closed)
    sys.stdout = _guarded(sys.stdout, output)
    sys.stderr = _guarded(sys.stderr, GuardedOutput(2, closed=2 in closed))
    return output


def _fill_closed() -> set[int]:
    closed: set[int] = set()
    for descriptor in (0, 1, 2):
        try:
            os.fstat(descriptor)
        except OSError:
            closed.add(descriptor)
            os.open(os.devnull, os.O_RDWR)  # takes the lowest free number: this one
    return closed


def _guarded(stream: IO[str] | None, raw: GuardedOutput) -> Any:
    """The same stream over a guard; unchanged where it was replaced by another."""
    if stream is None:  # Python's way to say that it is closed
        return io.TextIOWrapper(io.BufferedWriter(raw), "utf-8", "backslashreplace")
    buffer = getattr(stream, "buffer", None)
    if not isinstance(getattr(buffer, "raw", buffer), io.FileIO):  # unbuffered, there is only the raw one
        return stream
    stream.flush()
    known = cast("io.TextIOWrapper", stream)
    return io.TextIOWrapper(
        io.BufferedWriter(raw), known.encoding, "backslashreplace", line_buffering=known.line_buffering
    )
