"""Two alike items and the segments of them that answer each other: the first picture of such a pair."""

from matplotlib.figure import Figure

from ilime_core.errors import InputError
from tasks.figures.alike.link_lines import LEGEND, draw_legend
from tasks.figures.alike.link_photos import draw_linked_photos, photo_boxes
from tasks.figures.alike.link_texts import draw_linked_texts, texts_height
from tasks.figures.canvas import Box, new_figure
from tasks.figures.item_pictures import ImagePicture, TextPicture
from tasks.figures.links import segment_names, strong_links
from tasks.figures.pair_picture import PairPicture

__all__ = ["draw_links", "links_figure", "links_height"]


def links_figure(pair: PairPicture) -> Figure:
    """Both items with their links."""
    height = links_height(pair, 10.8)
    figure = new_figure(11.0, height + 0.2)
    draw_links(figure, Box(0.1, 0.1, 10.8, height), pair)
    return figure


def links_height(pair: PairPicture, width: float) -> float:
    """Height that `draw_links` needs at a width.

    Parameters
    ----------
    pair
        The pair as read from the run.
    width
        Width of the drawing, in inches.

    Returns
    -------
    float
        Height in inches.
    """
    return _items_height(pair, width) + 0.12 + LEGEND


def draw_links(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw query, candidate, and a line for each of the strongest cells of W.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    links = strong_links(pair)
    names = segment_names(pair, links)
    height = _items_height(pair, box.width)
    place = Box(box.x, box.y, box.width, height)
    if isinstance(pair.left, ImagePicture) and isinstance(pair.right, ImagePicture):
        draw_linked_photos(figure, place, (pair.left, pair.right), links, names)
    elif isinstance(pair.left, TextPicture) and isinstance(pair.right, TextPicture):
        draw_linked_texts(figure, place, pair, (pair.left, pair.right), links)
    draw_legend(figure, Box(box.x, box.y + height + 0.12, box.width, LEGEND), pair, links, names)


def _items_height(pair: PairPicture, width: float) -> float:
    if isinstance(pair.left, ImagePicture) and isinstance(pair.right, ImagePicture):
        boxes = photo_boxes(Box(0.0, 0.0, width, 0.0), (pair.left, pair.right))
        return max(box.y + box.height for box in boxes)
    if isinstance(pair.left, TextPicture) and isinstance(pair.right, TextPicture):
        return texts_height((pair.left, pair.right), width)
    raise InputError(
        f"pair {pair.pair_id} is of an image and a text; links are drawn between two alike items"
    )
