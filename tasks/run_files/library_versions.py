"""Versions of the libraries that may change a number."""

import platform
from functools import lru_cache
from importlib.metadata import PackageNotFoundError, version

from tasks.tables import SCHEMA_VERSION

__all__ = ["library_versions"]

_PACKAGES = ("ilime", "numpy", "open_clip_torch", "pillow", "pyarrow", "scikit-image", "torch", "torchvision")


@lru_cache(maxsize=1)
def library_versions() -> dict[str, str]:
    """Versions of Python, the tables and the libraries by name; absent ones are omitted."""
    versions = {"python": platform.python_version(), "tables": SCHEMA_VERSION}
    for name in _PACKAGES:
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions
