"""W of two alike items: segment against segment, and where the named regions lie."""

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ilime_core.pictures.places import anchor_points
from tasks.figures.canvas import Box, colour_bar
from tasks.figures.colours import symmetric_limit
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.links import SegmentNames, segment_names, strong_links
from tasks.figures.matrix import draw_cells
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_badge, draw_heat

__all__ = ["alike_matrix_height", "draw_alike_matrix"]


def alike_matrix_height(pair: PairPicture) -> float:
    """Height of the matrix in inches, with its photographs where there are any."""
    if isinstance(pair.left, ImagePicture):
        return 5.2
    return 1.75 + 0.3 * len(segment_names(pair, strong_links(pair))[0].segments)


def draw_alike_matrix(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw the matrix on the left, and on the right each photograph under its regions' sums.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    names = segment_names(pair, strong_links(pair))
    if not (isinstance(pair.left, ImagePicture) and isinstance(pair.right, ImagePicture)):
        draw_cells(figure, box, pair, *names)
        return
    half = 0.58 * box.width
    draw_cells(figure, Box(box.x, box.y, half, box.height), pair, *names)
    limit = symmetric_limit(pair.left_net, pair.right_net)
    x, width = box.x + half + 0.2, box.width - half - 0.2
    height = (box.height - 0.4) / 2
    for row, (item, values) in enumerate(((pair.left, pair.left_net), (pair.right, pair.right_net))):
        axes = draw_heat(figure, Box(x, box.y + row * height, width, height - 0.12), item, values, limit)
        _name_regions(axes, item, names[row])
    colour_bar(figure, Box(x, box.y + box.height - 0.3, width, 0.3), limit, "a region's sum over the other's")


def _name_regions(axes: Axes, image: ImagePicture, names: SegmentNames) -> None:
    points = anchor_points(image.labels, image.n_segments)
    for segment, name in zip(names.segments, names.names, strict=True):
        x, y = points[segment]
        if x >= 0:
            draw_badge(axes, x, y, name)
