"""Reading of local files, restricted to regular ones, because reading a pipe may block for ever."""

import errno
import os
import stat
from io import BufferedReader
from pathlib import Path

__all__ = ["IrregularFileError", "open_regular", "read_regular"]

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a named pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
}


class IrregularFileError(OSError):
    """The path is a folder, pipe, socket or device; ``strerror`` says which."""


def open_regular(path: Path) -> BufferedReader:
    """Open a regular file for reading; never blocks.

    Raises
    ------
    IrregularFileError
        If it is a folder, a named pipe, a socket or a device.
    OSError
        If it cannot be opened.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in {errno.ENXIO, errno.ENODEV}:  # errors of a socket and of a device without a driver
            raise _irregular(path, path.stat().st_mode) from error
        raise
    mode = os.fstat(handle).st_mode
    if not stat.S_ISREG(mode):
        os.close(handle)
        raise _irregular(path, mode)
    os.set_blocking(handle, True)
    return os.fdopen(handle, "rb")


def read_regular(path: Path) -> bytes:
    """Read a whole file; errors as of `open_regular`."""
    with open_regular(path) as stream:
        return stream.read()


def _irregular(path: Path, mode: int) -> IrregularFileError:
    kind = _KINDS.get(stat.S_IFMT(mode), "of an unknown kind")
    return IrregularFileError(errno.EINVAL, f"it is {kind} and no regular file", str(path))
