"""Pointer files of Git LFS, left in the place of files that were not fetched."""

__all__ = ["is_pointer"]

_BEGINNING = b"version https://git-lfs.github.com/spec/"


def is_pointer(data: bytes) -> bool:
    """Return whether a file that begins with ``data`` is a pointer."""
    return data.startswith(_BEGINNING)
