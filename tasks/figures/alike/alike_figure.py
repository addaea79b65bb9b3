"""Two images, or two texts: the segments that answer each other, and the sheet with matrix and factors."""

from matplotlib.figure import Figure

from ilime_core.errors import InputError
from tasks.figures.alike.alike_matrix import alike_matrix_height, draw_alike_matrix
from tasks.figures.alike.groups import draw_groups, groups_height, matched_groups
from tasks.figures.alike.link_items import draw_linked_photos, draw_linked_texts, photo_boxes, texts_height
from tasks.figures.alike.link_lines import LEGEND, draw_legend
from tasks.figures.canvas import Box
from tasks.figures.item_pictures import ImagePicture, TextPicture
from tasks.figures.links import segment_names, strong_links
from tasks.figures.pair_picture import PairPicture

__all__ = ["alike_height", "draw_alike"]

_APART = 0.25


def _links_height(pair: PairPicture, width: float) -> float:
    return _items_height(pair, width) + 0.12 + LEGEND


def _draw_links(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw query, candidate, and a line for each of the strongest cells of W."""
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


def alike_height(pair: PairPicture, width: float) -> float:
    """Height that `draw_alike` needs at a width.

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
    groups = groups_height(pair, width) + _APART if matched_groups(pair) else 0.0
    return _links_height(pair, width) + _APART + alike_matrix_height(pair) + groups


def draw_alike(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw links, matrix and factors below each other.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    height = _links_height(pair, box.width)
    _draw_links(figure, Box(box.x, box.y, box.width, height), pair)
    y = box.y + height + _APART
    draw_alike_matrix(figure, Box(box.x, y, box.width, alike_matrix_height(pair)), pair)
    y += alike_matrix_height(pair) + _APART
    if matched_groups(pair):
        draw_groups(figure, Box(box.x, y, box.width, groups_height(pair, box.width)), pair)
