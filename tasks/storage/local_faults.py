"""Write errors of a local disk: full or forbidden, and how much of it is free."""

import errno
import os
from pathlib import Path

from tasks.storage.records import FullError, UnwritableError

__all__ = ["refusal"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FORBIDDEN = frozenset({errno.EROFS, errno.EACCES, errno.EPERM})


def refusal(root: Path, what: str, error: OSError) -> UnwritableError | None:
    """Error that explains why nothing can be written below a folder; None for a fault that may pass.

    Parameters
    ----------
    root
        Folder of the storage; its disk's free space goes into the message.
    what
        Operation that failed, like ``write 'a/b', 300 bytes``.
    error
        Error of the operating system.

    Returns
    -------
    UnwritableError or None
        `FullError` for a full disk or quota, `UnwritableError` for a forbidden one, None for other errors.
    """
    said = f"{root}: cannot {what}: {error.strerror}"
    if error.errno in _FULL:
        return FullError(f"{said}{_room(root)}")
    return UnwritableError(said) if error.errno in _FORBIDDEN else None


def _room(root: Path) -> str:
    """Free bytes and files; empty where the disk does not report them."""
    try:
        disk = os.statvfs(next(folder for folder in (root, *root.parents) if folder.exists()))
    except (OSError, StopIteration):
        return ""
    free, whole = (blocks * disk.f_frsize / 2**20 for blocks in (disk.f_bavail, disk.f_blocks))
    files = f" and {disk.f_favail:,} more files" if disk.f_files else ""
    return f"; free are {free:,.1f} of {whole:,.1f} MiB{files}"
