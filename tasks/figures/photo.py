"""Photographs with numbered regions, or under the tint of their regions' values."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.figures.canvas import Box, axes_in, write
from tasks.figures.colours import NOT_SEEN_BRIGHTNESS, Colour, Shade, colour_of, heat
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.places import anchor_points

__all__ = [
    "draw_badge",
    "draw_heat",
    "draw_numbered",
    "edges",
    "grown",
    "inches_per_pixel",
    "outlined",
    "seen_sentence",
    "show",
]


def draw_numbered(figure: Figure, box: Box, image: ImagePicture, regions: Sequence[int]) -> float:
    """Photograph with some regions outlined, with their numbers in the tables; its height in inches."""
    axes = show(figure, box, outlined(image, regions))
    points = anchor_points(image.labels, image.n_segments)
    for region in regions:
        x, y = points[region]
        if x >= 0:
            draw_badge(axes, x, y, str(region))
    return inches_per_pixel(box, image.photo.shape) * image.photo.shape[0]


def draw_badge(axes: Axes, x: float, y: float, name: str, colour: Colour = (0.0, 0.0, 0.0)) -> None:
    """A number or a letter in a circle."""
    style = {"boxstyle": "circle,pad=0.18", "facecolor": colour, "edgecolor": "white", "linewidth": 0.8}
    write(axes, x, y, name, fontsize=8, color="white", ha="center", va="center", bbox=style)


def draw_heat(
    figure: Figure,
    box: Box,
    image: ImagePicture,
    values: Float[np.ndarray, " regions"],
    limit: float,
    *,
    shade: Shade = colour_of,
) -> Axes:
    """Photograph in grey, each region tinted by its value; what the model does not see is dark."""
    return show(figure, box, heat(image.photo, image.labels, values, limit, shade))


def outlined(image: ImagePicture, regions: Sequence[int]) -> UInt8[np.ndarray, "height width 3"]:
    """The photograph, outlines of regions in white and black, what the model does not see darkened."""
    picture = image.photo.astype(np.float64)
    picture[image.labels < 0] *= NOT_SEEN_BRIGHTNESS
    chosen = np.isin(image.labels, list(regions))
    inside = edges(image.labels) & chosen
    picture[grown(inside)] *= 0.35
    picture[inside] = 255.0
    return picture.round().astype(np.uint8)


def seen_sentence(image: ImagePicture) -> str:
    """What has to be said of a photograph beside showing it; empty where there is nothing."""
    said: list[str] = []
    if not image.readable:
        said.append(f"The photograph cannot be shown ({image.problem}); its regions still hold.")
    if image.seen < 0.995:
        said.append(f"The model sees {image.seen:.0%} of the photograph; the dark part is cropped away.")
    return " ".join(said)


def show(figure: Figure, box: Box, pixels: UInt8[np.ndarray, "height width 3"]) -> Axes:
    """Pixels as large as they fit into a box, from its upper left corner; the axes count pixels."""
    height, width = pixels.shape[:2]
    scale = inches_per_pixel(box, pixels.shape)
    axes = axes_in(figure, Box(box.x, box.y, width * scale, height * scale), frame=True)
    axes.set_axis_off()
    axes.imshow(pixels, interpolation="antialiased", aspect="auto")
    return axes


def inches_per_pixel(box: Box, shape: tuple[int, ...]) -> float:
    """Scale at which pixels of a shape (height, width) fit into a box."""
    return min(box.width / shape[1], box.height / shape[0])


def edges(labels: Int[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Pixels whose right or lower neighbour belongs to another region, and those neighbours."""
    edge = np.zeros(labels.shape, dtype=bool)
    across, down = labels[:, 1:] != labels[:, :-1], labels[1:] != labels[:-1]
    edge[:, 1:] |= across
    edge[:, :-1] |= across
    edge[1:] |= down
    edge[:-1] |= down
    return edge


def grown(mask: Bool[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """The mask and the pixels beside it."""
    grown = mask.copy()
    grown[:, 1:] |= mask[:, :-1]
    grown[:, :-1] |= mask[:, 1:]
    grown[1:] |= mask[:-1]
    grown[:-1] |= mask[1:]
    return grown
