"""Files of an export: written whole or not at all, beside one another, and over others only by force."""

import os
import secrets
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from ilime_core.errors import InputError

__all__ = ["export_place", "new_file", "refuse_existing"]


def export_place(text: str) -> Path:
    """Place of an export on this machine.

    Parameters
    ----------
    text
        Folder or file of the command line.

    Returns
    -------
    Path
        The place; nothing is made there.

    Raises
    ------
    InputError
        If it is the address of a store.
    """
    if "://" in text:
        raise InputError(
            f"{text}: exports are written to this machine: give a folder, and copy it from there"
        )
    return Path(text)


def refuse_existing(paths: Iterable[Path], *, force: bool) -> None:
    """Refuse to write over files.

    Parameters
    ----------
    paths
        Files that are going to be written.
    force
        Whether they may be replaced.

    Raises
    ------
    InputError
        If one exists and may not be replaced, or is a folder.
    """
    for path in paths:
        if path.is_dir() and not path.is_symlink():
            raise InputError(f"{path} is a folder, and a file is going to be written there")
        if not force and os.path.lexists(path):
            raise InputError(f"{path} exists: --force replaces it")


@contextmanager
def new_file(path: Path) -> Generator[BinaryIO]:
    """Open a file that appears under its name when the block ends, and not at all if it raises.

    Parameters
    ----------
    path
        File; its folder is made. A link of this name is replaced, and what it leads to is not touched.

    Yields
    ------
    BinaryIO
        Stream for its content.

    Raises
    ------
    InputError
        If the folder cannot be made or written.
    """
    partial = path.with_name(f".{secrets.token_hex(8)}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        stream = partial.open("xb")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}; name another folder") from error
    try:
        with stream:
            yield stream
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
