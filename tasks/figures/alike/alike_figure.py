"""Two images, or two texts, on one sheet: what answers what, the whole matrix, and its factors."""

from matplotlib.figure import Figure

from tasks.figures.alike.alike_matrix import alike_matrix_height, draw_alike_matrix
from tasks.figures.alike.groups import draw_groups, groups_height, matched_groups
from tasks.figures.alike.link_picture import draw_links, links_height
from tasks.figures.canvas import Box
from tasks.figures.pair_picture import PairPicture

__all__ = ["alike_height", "draw_alike"]

_APART = 0.25


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
    return links_height(pair, width) + _APART + alike_matrix_height(pair) + groups


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
    height = links_height(pair, box.width)
    draw_links(figure, Box(box.x, box.y, box.width, height), pair)
    y = box.y + height + _APART
    draw_alike_matrix(figure, Box(box.x, y, box.width, alike_matrix_height(pair)), pair)
    y += alike_matrix_height(pair) + _APART
    if matched_groups(pair):
        draw_groups(figure, Box(box.x, y, box.width, groups_height(pair, box.width)), pair)
