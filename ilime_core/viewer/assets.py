"""Scripts and style sheet of the viewer, as files of the package."""

from functools import cache
from importlib.resources import files

__all__ = ["SCRIPTS", "STYLES", "viewer_asset"]

SCRIPTS = ("base.js", "items.js", "sections.js", "pair.js")
"""In the order in which a page loads them."""

STYLES = ("viewer.css",)


@cache
def viewer_asset(name: str) -> str:
    """Read a script or style sheet.

    Parameters
    ----------
    name
        One of `SCRIPTS` or `STYLES`.

    Returns
    -------
    str
        Its text.
    """
    return files("ilime_core.viewer").joinpath(name).read_text(encoding="utf-8")
