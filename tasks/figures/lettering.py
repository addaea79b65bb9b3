"""Text that can be drawn: captions come in any script, fonts do not."""

import unicodedata
from functools import lru_cache

from matplotlib import font_manager
from matplotlib.ft2font import FT2Font

__all__ = ["MISSING", "drawable", "families", "is_right_to_left", "shortened"]

MISSING = "\N{WHITE SQUARE}"
"""Replacement for control characters and for characters that no installed font has."""

# The first is part of matplotlib; the others are taken where a system has them.
_WANTED = (
    "DejaVu Sans",
    "Noto Sans",
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Noto Sans CJK KR",
    "Noto Sans Devanagari",
    "Noto Sans Bengali",
    "Noto Sans Tamil",
    "Noto Sans Thai",
    "Noto Sans Hebrew",
    "Noto Sans Arabic",
    "Noto Emoji",
    "WenQuanYi Zen Hei",
    "IPAGothic",
    "NanumGothic",
    "Arial Unicode MS",
)

# Without a picture of their own: joiners and variation selectors.
_SILENT = frozenset({"\N{ZERO WIDTH JOINER}", "\N{ZERO WIDTH NON-JOINER}", "\ufe0e", "\ufe0f"})


@lru_cache(maxsize=1)
def families() -> tuple[str, ...]:
    """Installed font families, in the order in which they are asked for a character."""
    installed = {entry.name for entry in font_manager.fontManager.ttflist}
    return tuple(name for name in _WANTED if name in installed)


def drawable(text: str) -> str:
    """The text with every character that cannot be drawn replaced, so that nothing warns or disappears."""
    shown = (
        " " if character.isspace() else character if _can_draw(character) else MISSING
        for character in text
        if character not in _SILENT
    )
    return "".join(shown)


def shortened(text: str, length: int) -> str:
    """Text cut to a length; an ellipsis marks the cut.

    Parameters
    ----------
    text
        Any text.
    length
        Largest number of characters, the ellipsis included.

    Returns
    -------
    str
        The text, or its beginning.
    """
    return text if len(text) <= length else text[: length - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def is_right_to_left(text: str) -> bool:
    """Return whether the first letter of known direction runs from right to left."""
    for character in text:
        direction = unicodedata.bidirectional(character)
        if direction in {"R", "AL"}:
            return True
        if direction == "L":
            return False
    return False


def _can_draw(character: str) -> bool:
    hidden = unicodedata.category(character) in {"Cc", "Cf", "Cs", "Co", "Cn"}
    return not hidden and ord(character) in _characters()


@lru_cache(maxsize=1)
def _characters() -> frozenset[int]:
    found: set[int] = set()
    for name in families():
        found.update(FT2Font(font_manager.findfont(name, fallback_to_default=False)).get_charmap())
    return frozenset(found)
