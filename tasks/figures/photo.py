"""Photographs with numbered regions, and items under the tint of their segments' values."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int, UInt8
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from scipy.ndimage import binary_dilation
from skimage.segmentation import find_boundaries

from ilime_core.pictures.places import anchor_points
from tasks.figures.canvas import Box, axes_in, write
from tasks.figures.caption import draw_caption
from tasks.figures.colours import NOT_SEEN_BRIGHTNESS, Colour, Shade, colour_of, heat
from tasks.figures.item_pictures import ImagePicture, ItemPicture

__all__ = [
    "draw_badge",
    "draw_heat",
    "draw_item",
    "draw_numbered",
    "edges",
    "grown",
    "inches_per_pixel",
    "outlined",
    "seen_sentence",
    "show",
]


def draw_numbered(figure: Figure, box: Box, image: ImagePicture, regions: Sequence[int]) -> float:
    """Draw a photograph with some regions outlined and numbered as in the tables.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    image
        Photograph and its label map.
    regions
        Numbers of the outlined regions.

    Returns
    -------
    float
        Height of the drawn photograph in inches.
    """
    axes = show(figure, box, outlined(image, regions))
    points = anchor_points(image.labels, image.n_segments)
    for region in regions:
        x, y = points[region]
        if x >= 0:
            draw_badge(axes, x, y, str(region))
    return inches_per_pixel(box, image.photo.shape) * image.photo.shape[0]


def draw_badge(axes: Axes, x: float, y: float, name: str, colour: Colour = (0.0, 0.0, 0.0)) -> None:
    """Draw a number or a letter in a circle.

    Parameters
    ----------
    axes
        Axes that are drawn into.
    x, y
        Centre, in units of the axes.
    name
        The number or letter.
    colour
        Colour of the circle.
    """
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
    """Draw a photograph in grey, each region tinted by its value; what the model does not see is dark.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    image
        Photograph and its label map.
    values
        One value per region.
    limit
        End of the symmetric colour scale, above 0.
    shade
        Colour of a value and a limit.

    Returns
    -------
    Axes
        Axes that count pixels of the photograph.
    """
    return show(figure, box, heat(image.photo, image.labels, values, limit, shade))


def draw_item(
    figure: Figure,
    box: Box,
    item: ItemPicture,
    values: Float[np.ndarray, " segments"],
    limit: float,
    *,
    shade: Shade = colour_of,
) -> None:
    """Draw a photograph's regions, or a text's words, each in the colour of its value.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    item
        Image or text.
    values
        One value per segment.
    limit
        End of the symmetric colour scale, above 0.
    shade
        Colour of a value and a limit.
    """
    if isinstance(item, ImagePicture):
        draw_heat(figure, box, item, values, limit, shade=shade)
    else:
        draw_caption(figure, box, item, values, limit, shade=shade)


def outlined(image: ImagePicture, regions: Sequence[int]) -> UInt8[np.ndarray, "height width 3"]:
    """Photograph with regions outlined in white and black; the part that the model does not see is dark.

    Parameters
    ----------
    image
        Photograph and its label map.
    regions
        Numbers of the outlined regions.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)
        The photograph with its outlines.
    """
    picture = image.photo.astype(np.float64)
    picture[image.labels < 0] *= NOT_SEEN_BRIGHTNESS
    chosen = np.isin(image.labels, list(regions))
    inside = edges(image.labels) & chosen
    picture[grown(inside, 1)] *= 0.35
    picture[inside] = 255.0
    return picture.round().astype(np.uint8)


def seen_sentence(image: ImagePicture) -> str:
    """Remarks on an unreadable or cropped photograph; empty where there is nothing to remark."""
    said: list[str] = []
    if image.problem:
        said.append(f"The photograph cannot be shown ({image.problem}); its regions still hold.")
    if image.seen < 0.995:
        said.append(f"The model sees {image.seen:.0%} of the photograph; the dark part is cropped away.")
    return " ".join(said)


def show(figure: Figure, box: Box, pixels: UInt8[np.ndarray, "height width 3"]) -> Axes:
    """Draw pixels as large as they fit into a box, from its upper left corner.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pixels
        Picture to show.

    Returns
    -------
    Axes
        Axes that count pixels.
    """
    height, width = pixels.shape[:2]
    scale = inches_per_pixel(box, pixels.shape)
    axes = axes_in(figure, Box(box.x, box.y, width * scale, height * scale), frame=True)
    axes.set_axis_off()
    axes.imshow(pixels, interpolation="antialiased", aspect="auto")
    return axes


def inches_per_pixel(box: Box, shape: tuple[int, ...]) -> float:
    """Scale at which a picture fits into a box.

    Parameters
    ----------
    box
        Place in the figure, in inches.
    shape
        Shape of the pixels, height and width first.

    Returns
    -------
    float
        Inches per pixel.
    """
    return min(box.width / shape[1], box.height / shape[0])


def edges(labels: Int[np.ndarray, "height width"]) -> Bool[np.ndarray, "height width"]:
    """Pixels with a neighbour in another region."""
    return find_boundaries(labels, connectivity=1, mode="thick")


def grown(mask: Bool[np.ndarray, "height width"], steps: int) -> Bool[np.ndarray, "height width"]:
    """The mask and the pixels beside it.

    Parameters
    ----------
    mask
        True for some pixels.
    steps
        Pixels that it grows by.

    Returns
    -------
    ndarray of bool, shape (height, width)
        The larger mask.
    """
    return np.asarray(binary_dilation(mask, iterations=steps), dtype=bool)
