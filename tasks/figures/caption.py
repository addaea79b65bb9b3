"""A caption whose words have the colours of their values."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.text import Text

from tasks.figures.canvas import DPI, INK, MUTED, Box, axes_in, write
from tasks.figures.colours import Colour, Shade, colour_of
from tasks.figures.item_pictures import TextPicture
from tasks.figures.lettering import is_right_to_left, shortened

__all__ = ["Fragment", "caption_height", "draw_caption", "fragments"]

_SIZES = (12.0, 10.5, 9.0, 8.0, 7.0)
_LONGEST_FRAGMENT = 40


@dataclass(frozen=True, slots=True)
class Fragment:
    """A stretch of a caption: an explained word, or the text between two words."""

    text: str
    word: int | None
    next_is_apart: bool
    """Whether white space follows."""


def fragments(text: TextPicture) -> list[Fragment]:
    """The whole caption in order; joined, the texts are the caption again."""
    found: list[Fragment] = []
    position = 0
    for number, word in enumerate(text.words):
        if word.start > position:
            found.append(_fragment(text.caption, position, word.start, None))
        found.append(_fragment(text.caption, word.start, word.end, number))
        position = word.end
    if position < len(text.caption):
        found.append(_fragment(text.caption, position, len(text.caption), None))
    return found


def _fragment(caption: str, start: int, end: int, word: int | None) -> Fragment:
    return Fragment(caption[start:end], word, caption[end : end + 1].isspace())


def caption_height(caption: str, width: float, lines: int) -> float:
    """Estimated height of a caption in large letters.

    Parameters
    ----------
    caption
        The whole text.
    width
        Width of the drawing, in inches.
    lines
        Largest number of lines; a longer caption is drawn in smaller letters.

    Returns
    -------
    float
        Height in inches.
    """
    needed = 1 + int(len(caption) * _SIZES[0] / 72 * 0.68 / width)
    return 0.04 + min(needed, lines) * _SIZES[0] / 72 * 1.75


def draw_caption(
    figure: Figure,
    box: Box,
    text: TextPicture,
    values: Float[np.ndarray, " words"],
    limit: float,
    *,
    shade: Shade = colour_of,
) -> Mapping[int, Box]:
    """Write a caption into a box, as large as it fits; text that does not fit at all ends in an ellipsis.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    text
        Caption and its words.
    values
        One value per word.
    limit
        End of the symmetric colour scale, above 0.
    shade
        Colour of a value and a limit.

    Returns
    -------
    mapping of int to Box
        Place of each word in the figure, by word number; a word that did not fit is absent.
    """
    colours = [shade(float(value), limit) for value in values]
    for size in _SIZES:
        placed = _flow(figure, box, text, colours, size)
        if placed is not None:
            return placed
    return {}


def _flow(
    figure: Figure, box: Box, text: TextPicture, colours: Sequence[Colour], size: float
) -> Mapping[int, Box] | None:
    """One attempt; None, and nothing left behind, if the caption does not fit and a smaller size is left."""
    axes = axes_in(figure, box)
    backwards = is_right_to_left(text.caption)
    space, line = size / 72 * 0.34, size / 72 * 1.75
    x, y = 0.0, 0.02
    placed: dict[int, Box] = {}
    for piece in _pieces(text):
        if y + line > box.height + 0.05:
            if size != _SIZES[-1]:
                axes.remove()
                return None
            write(axes, box.width if backwards else 0.0, y - 0.08, "\N{HORIZONTAL ELLIPSIS}", fontsize=size)
            return placed
        drawn = write(axes, 0, 0, shortened(piece.text.strip(), _LONGEST_FRAGMENT), fontsize=size)
        _tint(drawn, piece, colours)
        width = drawn.get_window_extent().width / DPI + (0.04 if piece.word is not None else 0.0)
        if x > 0 and x + width > box.width:
            x, y = 0.0, y + line
        drawn.set_position((box.width - x if backwards else x, y + 0.05))
        drawn.set_horizontalalignment("right" if backwards else "left")
        if piece.word is not None:
            start = box.width - x - width if backwards else x
            placed[piece.word] = Box(box.x + start, box.y + y + 0.02, width, size / 72 * 1.25 + 0.06)
        x += width + (space if piece.text[-1].isspace() or piece.next_is_apart else 0.02)
    return placed


def _pieces(text: TextPicture) -> Sequence[Fragment]:
    return [piece for piece in fragments(text) if piece.text.strip()]


def _tint(drawn: Text, piece: Fragment, colours: Sequence[Colour]) -> None:
    if piece.word is None:
        drawn.set_color(MUTED)
        return
    red, green, blue = colours[piece.word]
    bright = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
    drawn.set_color(INK if bright else "white")
    drawn.set_bbox({"facecolor": (red, green, blue), "edgecolor": "none", "pad": 1.6})
