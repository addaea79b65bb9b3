"""Paths and URLs as text: what is a URL, and where a relative path starts."""

import os
import re

__all__ = ["absolute_path", "is_url"]

_SCHEME = re.compile(r"^[A-Za-z][A-Za-z0-9+.-]*:")


def is_url(text: str) -> bool:
    """Whether a place has a scheme; all others are paths."""
    return _SCHEME.match(text) is not None


def absolute_path(path: str, folder: str = "") -> str:
    """Absolute path without ``..``; what lies behind the last of them keeps its links.

    Parameters
    ----------
    path
        May begin with ``~``.
    folder
        Where a relative path starts; the current folder if empty.
    """
    whole = os.path.join(os.getcwd(), folder, os.path.expanduser(path))  # noqa: PTH109, PTH111, PTH118 - text
    parts = whole.split("/")
    if ".." in parts:
        # The folder above a link is that above its target: only the file system knows which.
        last = len(parts) - parts[::-1].index("..")
        whole = "/".join([os.path.realpath("/".join(parts[:last])), *parts[last:]])
    return os.path.normpath(whole)
