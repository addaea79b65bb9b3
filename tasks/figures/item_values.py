"""An item of either modality under the colours of its segments' values."""

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
