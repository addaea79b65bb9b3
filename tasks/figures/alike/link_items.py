"""Two photographs, or two texts, and lines between the segments that answer each other."""

from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import UInt8
from matplotlib.figure import Figure

from ilime_core.pictures.places import anchor_points
from tasks.figures.alike.link_lines import Point, draw_line
from tasks.figures.canvas import MUTED, Box, axes_in, write
from tasks.figures.caption import caption_height, draw_caption
from tasks.figures.colours import NOT_SEEN_BRIGHTNESS, Colour, symmetric_limit
from tasks.figures.item_pictures import ImagePicture, TextPicture
from tasks.figures.lettering import shortened
from tasks.figures.links import Link, SegmentNames
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_badge, edges, grown, inches_per_pixel, show

__all__ = ["draw_linked_photos", "draw_linked_texts", "in_colours", "photo_boxes", "texts_height"]

Images = tuple[ImagePicture, ImagePicture]
Texts = tuple[TextPicture, TextPicture]

_TITLE, _GAP, _TALLEST = 0.3, 0.6, 4.3
_NAME, _BETWEEN, _LINES = 0.25, 0.9, 4
"""Of texts: inches of their names and of the space for lines between them, and most lines of each."""


def photo_boxes(box: Box, images: Images) -> tuple[Box, Box]:
    """Places of two photographs in a box, side by side, each below a line of text.

    Parameters
    ----------
    box
        Place in the figure, in inches.
    images
        Query and candidate.

    Returns
    -------
    tuple of Box
        Places of query and candidate, as large as both fit.
    """
    half = (box.width - _GAP) / 2
    found: list[Box] = []
    x = box.x
    for image in images:
        height, width = image.photo.shape[:2]
        scale = inches_per_pixel(Box(0.0, 0.0, half, _TALLEST), (height, width))
        found.append(Box(x, box.y + _TITLE, width * scale, height * scale))
        x += width * scale + _GAP
    return found[0], found[1]


def draw_linked_photos(
    figure: Figure, box: Box, images: Images, links: Sequence[Link], names: tuple[SegmentNames, SegmentNames]
) -> None:
    """Draw query and candidate; a linked region has the colour of its strongest link in both.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    images
        Query and candidate.
    links
        Links, strongest first.
    names
        Names of the segments of query and candidate.
    """
    boxes = photo_boxes(box, images)
    over = axes_in(figure, box)
    over.set_zorder(2)
    colours = (
        {link.left: link.colour for link in reversed(links)},
        {link.right: link.colour for link in reversed(links)},
    )
    places: list[Mapping[int, Point]] = []
    for side, (image, place, own) in enumerate(zip(images, boxes, colours, strict=True)):
        show(figure, place, in_colours(image, own))
        title = f"{('query', 'candidate')[side]}: {shortened(image.title, 50)}"
        write(over, place.x - box.x, 0.04, title, fontsize=9.5, color=MUTED)
        places.append(_places(image, Box(place.x - box.x, place.y - box.y, place.width, place.height), own))
    for link in reversed(links):
        draw_line(over, link, [places[0][link.left], places[1][link.right]], abs(links[0].weight))
    for own, called, at in zip(colours, names, places, strict=True):
        for segment, colour in own.items():
            draw_badge(over, *at[segment], called.name_of(segment), colour)


def in_colours(image: ImagePicture, colours: Mapping[int, Colour]) -> UInt8[np.ndarray, "height width 3"]:
    """Photograph with regions outlined in colours; the part that the model does not see is dark.

    Parameters
    ----------
    image
        Photograph and its label map.
    colours
        Colour of each outlined region, by its number.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        The photograph with its outlines.
    """
    picture = image.photo.astype(np.float64)
    picture[image.labels < 0] *= NOT_SEEN_BRIGHTNESS
    inner = {segment: edges(image.labels) & (image.labels == segment) for segment in colours}
    for segment in colours:
        picture[grown(inner[segment], 3)] = 255.0
    for segment, colour in colours.items():
        picture[grown(inner[segment], 2) & (image.labels == segment)] = np.array(colour) * 255
    return picture.round().astype(np.uint8)


def _places(image: ImagePicture, box: Box, segments: Mapping[int, Colour]) -> Mapping[int, Point]:
    """Points of regions in inches."""
    points = anchor_points(image.labels, image.n_segments)
    scale = inches_per_pixel(box, image.photo.shape[:2])
    return {
        segment: (box.x + float(points[segment][0]) * scale, box.y + float(points[segment][1]) * scale)
        for segment in segments
    }


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
    return 2 * _NAME + _BETWEEN + sum(caption_height(text.caption, width, _LINES) for text in texts)


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
    upper = Box(box.x, box.y + _NAME, box.width, heights[0])
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
