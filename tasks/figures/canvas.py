"""Figures without global state, laid out in inches, and PNG files whose bytes depend on the picture alone."""

import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from matplotlib.text import Text
from PIL import Image

from tasks.figures.colours import DIVERGING
from tasks.figures.lettering import drawable, families

__all__ = [
    "DPI",
    "INK",
    "MUTED",
    "WARNING",
    "Box",
    "axes_in",
    "colour_bar",
    "image_bytes",
    "new_figure",
    "png_bytes",
    "webp_bytes",
    "write",
]

INK = "#1a1a1a"
MUTED = "#595959"
WARNING = "#9c1c1c"
DPI = 110


@dataclass(frozen=True, slots=True)
class Box:
    """A place in a figure: inches from its upper left corner."""

    x: float
    y: float
    width: float
    height: float


def new_figure(width: float, height: float) -> Figure:
    """White figure of a given size.

    Parameters
    ----------
    width, height
        Size in inches.

    Returns
    -------
    Figure
        A figure that no global state of matplotlib refers to.
    """
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor="white")
    FigureCanvasAgg(figure)
    return figure


def png_bytes(figure: Figure) -> bytes:
    """The figure as PNG; equal pictures give equal bytes."""
    stream = io.BytesIO()
    figure.savefig(stream, format="png", metadata={"Software": None})
    return stream.getvalue()


def webp_bytes(figure: Figure) -> bytes:
    """The figure as WebP, a tenth of the PNG's size; equal pictures give equal bytes."""
    canvas = figure.canvas if isinstance(figure.canvas, FigureCanvasAgg) else FigureCanvasAgg(figure)
    canvas.draw()
    return image_bytes(Image.fromarray(np.asarray(canvas.buffer_rgba())[..., :3]))


def image_bytes(image: Image.Image) -> bytes:
    """A picture without figure as WebP."""
    stream = io.BytesIO()
    image.save(stream, format="WEBP", quality=84, method=4)
    return stream.getvalue()


def axes_in(figure: Figure, box: Box, *, frame: bool = False) -> Axes:
    """Axes that fill a box.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    frame
        True keeps matplotlib's axes; False hides them and measures points of the box in inches from its upper
        left corner.

    Returns
    -------
    Axes
        The new axes.
    """
    width, height = figure.get_size_inches()
    place = (box.x / width, 1 - (box.y + box.height) / height, box.width / width, box.height / height)
    axes = figure.add_axes(place)
    if not frame:
        axes.set_axis_off()
        axes.set_xlim(0, box.width)
        axes.set_ylim(box.height, 0)
    return axes


def write(axes: Axes, x: float, y: float, text: str, **style: object) -> Text:
    """Write text at a point of the axes; a dollar sign does not start mathematics.

    Parameters
    ----------
    axes
        Axes that are written into.
    x, y
        Position, in units of the axes.
    text
        Text; characters without a font are replaced.
    style
        Keywords of `matplotlib.axes.Axes.text`.

    Returns
    -------
    Text
        The text that was added.
    """
    settings: dict[str, Any] = {"color": INK, "va": "top", **style}
    return axes.text(x, y, drawable(text), parse_math=False, family=list(families()), **settings)


def colour_bar(figure: Figure, box: Box, limit: float, meaning: str) -> None:
    """Draw a horizontal scale from -limit to limit with its meaning to the right.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    limit
        End of the symmetric colour scale, above 0.
    meaning
        Text to the right of the scale.
    """
    axes = axes_in(figure, Box(box.x, box.y, 1.5, 0.11), frame=True)
    scale = ScalarMappable(Normalize(-limit, limit), DIVERGING)
    bar = figure.colorbar(scale, cax=axes, orientation="horizontal", ticks=[-limit, 0.0, limit])
    labels = [f"\N{MINUS SIGN}{limit:.2g}", "0", f"+{limit:.2g}"]
    bar.ax.set_xticklabels(labels, fontsize=7, color=MUTED)
    bar.ax.tick_params(length=2, pad=1, color=MUTED)
    note = axes_in(figure, Box(box.x + 1.75, box.y - 0.03, box.width - 1.75, 0.3))
    write(note, 0, 0, meaning, fontsize=8, color=MUTED)
