"""The text that Git LFS leaves in the place of a file that was not fetched."""

__all__ = ["is_pointer"]

_BEGINNING = b"version https://git-lfs.github.com/spec/"


def is_pointer(data: bytes) -> bool:
    """Whether the beginning of a file is that of a pointer."""
    return data.startswith(_BEGINNING)
