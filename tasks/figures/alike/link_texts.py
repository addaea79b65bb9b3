"""Two texts one above the other, and curves between the words that answer each other."""

from collections.abc import Sequence

from matplotlib.figure import Figure

from tasks.figures.alike.link_lines import Point, draw_line
from tasks.figures.canvas import MUTED, Box, axes_in, write
from tasks.figures.caption import caption_height, draw_caption
from tasks.figures.colours import symmetric_limit
from tasks.figures.item_pictures import TextPicture
from tasks.figures.links import Link
from tasks.figures.pair_picture import PairPicture

__all__ = ["draw_linked_texts", "texts_height"]

_TITLE, _BETWEEN, _LINES = 0.25, 0.9, 4

Texts = tuple[TextPicture, TextPicture]


def texts_height(texts: Texts, width: float) -> float:
    """Height that `draw_linked_texts` needs at a width.

    Parameters
    ----------
    texts
        Query and candidate.
    width
        Width of the drawing, in inches.

    Returns
    -------
    float
        Height in inches.
    """
    return 2 * _TITLE + _BETWEEN + sum(caption_height(text.caption, width, _LINES) for text in texts)


def draw_linked_texts(
    figure: Figure, box: Box, pair: PairPicture, texts: Texts, links: Sequence[Link]
) -> None:
    """Draw the query above, the candidate below, each word coloured by the sum of its interactions.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    texts
        Query and candidate.
    links
        Links, strongest first.
    """
    limit = symmetric_limit(pair.left_net, pair.right_net)
    over = axes_in(figure, box)
    over.set_zorder(-1)  # words stay readable where a line passes
    write(over, 0, 0, "query", fontsize=8.5, color=MUTED)
    write(over, 0, box.height, "candidate", fontsize=8.5, color=MUTED, va="bottom")
    heights = [caption_height(text.caption, box.width, _LINES) for text in texts]
    upper = Box(box.x, box.y + _TITLE, box.width, heights[0])
    lower = Box(box.x, upper.y + heights[0] + _BETWEEN, box.width, heights[1])
    first = draw_caption(figure, upper, texts[0], pair.left_net, limit)
    other = draw_caption(figure, lower, texts[1], pair.right_net, limit)
    for link in reversed(links):
        if link.left in first and link.right in other:
            start, end = _below(first[link.left], box), _above(other[link.right], box)
            bend = 0.5 * (end[1] - start[1])
            points = [start, (start[0], start[1] + bend), (end[0], end[1] - bend), end]
            draw_line(over, link, points, abs(links[0].weight))


def _below(word: Box, box: Box) -> Point:
    return word.x - box.x + word.width / 2, word.y - box.y + word.height


def _above(word: Box, box: Box) -> Point:
    return word.x - box.x + word.width / 2, word.y - box.y
