"""An item under the colours of its segments' values, whatever it is made of."""

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure

from tasks.figures.canvas import Box
from tasks.figures.caption import draw_caption
from tasks.figures.colours import Shade, colour_of
from tasks.figures.item_pictures import ImagePicture, ItemPicture
from tasks.figures.photo import draw_heat

__all__ = ["draw_item"]


def draw_item(
    figure: Figure,
    box: Box,
    item: ItemPicture,
    values: Float[np.ndarray, " segments"],
    limit: float,
    *,
    shade: Shade = colour_of,
) -> None:
    """A photograph's regions, or a text's words, each in the colour of its value."""
    if isinstance(item, ImagePicture):
        draw_heat(figure, box, item, values, limit, shade=shade)
    else:
        draw_caption(figure, box, item, values, limit, shade=shade)
