"""Paths and URLs as text: the test for a URL, and the absolute form of a relative path."""

import os
import re

__all__ = ["absolute_path", "is_url"]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


def is_url(text: str) -> bool:
    """True if a place has a scheme; all others are paths."""
    return _SCHEME.match(text) is not None


def absolute_path(path: str, folder: str = "") -> str:
    """Absolute path without ``..``; links after the last ``..`` are kept.

    Parameters
    ----------
    path
        May begin with ``~``.
    folder
        Base of a relative path; the current folder if empty.

    Returns
    -------
    str
        Normalised path; links are resolved up to the last ``..`` only, because only the file system knows the
        folder above a link's target.
    """
    whole = os.path.join(os.getcwd(), folder, os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118 - text
    parts = whole.split("/")
    if ".." in parts:
        # The folder above a link is that above its target: only the file system knows which.
        last = len(parts) - parts[::-1].index("..")
        whole = "/".join([os.path.realpath("/".join(parts[:last])), *parts[last:]])
    return os.path.normpath(whole)
