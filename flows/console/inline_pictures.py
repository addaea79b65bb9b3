"""Pictures inside the terminal, where it can show them: three protocols, chosen by the environment.

References
----------
.. [1] Kitty's graphics protocol: https://sw.kovidgoyal.net/kitty/graphics-protocol/
.. [2] iTerm2's inline images: https://iterm2.com/documentation-images.html
.. [3] DEC's sixels: https://vt100.net/docs/vt3xx-gp/chapter14.html
"""

import base64
import io
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from itertools import groupby
from types import MappingProxyType

import click
import numpy as np
from PIL import Image

__all__ = ["PICTURES", "picture_protocol", "show_inline"]

PICTURES = "ILIME_PICTURES"
"""Environment variable: ``kitty``, ``iterm2`` or ``sixel`` for a terminal that is not known, or ``none``."""

_WIDTH = 800
"""Pixels of a sixel picture: these terminals do not scale."""
_CHUNK = 4096
"""Most characters of one command of kitty."""


def picture_protocol(environment: Mapping[str, str], *, terminal: bool) -> str | None:
    """Choose how the terminal takes pictures.

    Parameters
    ----------
    environment
        Variables that terminals set, and `PICTURES`.
    terminal
        False where standard output goes to a file or another program.

    Returns
    -------
    str or None
        ``kitty``, ``iterm2`` or ``sixel``; None where no picture can be shown, inside tmux and screen too,
        which do not pass pictures on by default.
    """
    asked = environment.get(PICTURES, "").lower()
    if not terminal or asked == "none":
        return None
    if asked in _ENCODERS:
        return asked
    if "TMUX" in environment or environment.get("TERM", "").startswith(("screen", "tmux")):
        return None
    program, term = environment.get("TERM_PROGRAM", "").lower(), environment.get("TERM", "")
    if "KITTY_WINDOW_ID" in environment or "kitty" in term or program == "ghostty":
        return "kitty"
    if program in {"iterm.app", "wezterm"} or environment.get("LC_TERMINAL") == "iTerm2":
        return "iterm2"
    return "sixel" if term.startswith(("foot", "mlterm", "yaft")) else None


def show_inline(png: bytes) -> None:
    """Print a picture, if standard output is a terminal that shows them; nothing else happens.

    Parameters
    ----------
    png
        The picture's file.
    """
    protocol = picture_protocol(os.environ, terminal=sys.stdout.isatty())
    if protocol is not None:
        click.echo(_ENCODERS[protocol](png))


def _kitty(png: bytes) -> str:
    data = base64.b64encode(png).decode()
    chunks = [data[start : start + _CHUNK] for start in range(0, len(data), _CHUNK)]
    first = "a=T,f=100,"  # transmit and show a PNG
    return "".join(
        f"\x1b_G{first * (number == 0)}m={int(number + 1 < len(chunks))};{chunk}\x1b\\"
        for number, chunk in enumerate(chunks)
    )


def _iterm2(png: bytes) -> str:
    data = base64.b64encode(png).decode()
    return f"\x1b]1337;File=inline=1;size={len(png)};preserveAspectRatio=1:{data}\a"


def _sixel(png: bytes) -> str:
    with Image.open(io.BytesIO(png)) as opened:
        picture = opened.convert("RGB")
    if picture.width > _WIDTH:
        picture = picture.resize((_WIDTH, round(picture.height * _WIDTH / picture.width)))
    coded = picture.quantize(256, dither=Image.Dither.NONE)
    palette = np.array(coded.getpalette() or [], dtype=int).reshape(-1, 3) * 100 // 255
    colours = "".join(f"#{number};2;{r};{g};{b}" for number, (r, g, b) in enumerate(palette))
    return f'\x1bPq"1;1;{coded.width};{coded.height}{colours}{"-".join(_bands(np.asarray(coded)))}\x1b\\'


def _bands(pixels: np.ndarray) -> Iterator[str]:
    """Bands of six rows: for each colour a row of characters whose six bits say where it is."""
    for top in range(0, len(pixels), 6):
        band = pixels[top : top + 6]
        bits = 2 ** np.arange(len(band))[:, None]
        yield "$".join(
            f"#{colour}{_run_lengths(((band == colour) * bits).sum(axis=0))}" for colour in np.unique(band)
        )


def _run_lengths(columns: np.ndarray) -> str:
    runs = ((chr(63 + bits), len(list(run))) for bits, run in groupby(columns.tolist()))
    return "".join(f"!{n}{character}" if n > 3 else character * n for character, n in runs)


_ENCODERS: Mapping[str, Callable[[bytes], str]] = MappingProxyType(
    {"kitty": _kitty, "iterm2": _iterm2, "sixel": _sixel}
)
