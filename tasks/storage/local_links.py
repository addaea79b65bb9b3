"""Links of a local folder: allowed below it, and to blobs of the hub's cache that it is part of."""

import os
import re
from pathlib import Path

__all__ = ["leads_inside"]

_REPOSITORY = re.compile(r"(models|datasets|spaces)--.+")


def leads_inside(path: Path, root: Path) -> bool:
    """True if a path lies below a root when all links are followed.

    A folder below ``datasets--OWNER--NAME/snapshots/REVISION`` holds links to ``blobs`` of that repository,
    and those may be followed as well: that is how the cache of the Hugging Face hub keeps every file.

    Parameters
    ----------
    path
        Path to resolve; it need not exist.
    root
        Folder that it has to lie below.

    Returns
    -------
    bool
        False also for a loop of links that ends outside.
    """
    real = Path(os.path.realpath(path))  # unlike Path.resolve it takes loops of links without an error
    top = Path(os.path.realpath(root))
    if real.is_relative_to(top):
        return True
    blobs = _blobs(top)
    return blobs is not None and real.is_relative_to(blobs)


def _blobs(folder: Path) -> Path | None:
    """The blobs of the repository whose snapshot a folder belongs to."""
    parts = folder.parts
    for at in range(len(parts) - 3, -1, -1):
        if _REPOSITORY.fullmatch(parts[at]) and parts[at + 1] == "snapshots":
            return Path(*parts[: at + 1], "blobs")
    return None
