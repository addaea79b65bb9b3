"""Lines from segment to segment, as wide as their weight is large, and what each of them weighs."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import PathPatch
from matplotlib.path import Path
from matplotlib.patheffects import Normal, Stroke

from ilime_core.interactions.significance import LEVEL
from tasks.figures.canvas import INK, MUTED, Box, axes_in, write
from tasks.figures.links import Link, SegmentNames, link_sentence
from tasks.figures.pair_picture import PairPicture

__all__ = ["LEGEND", "Point", "draw_legend", "draw_line"]

LEGEND = 0.72
"""Inches of height that a legend takes."""

_COLUMNS = 3
Point = tuple[float, float]
"""Inches in the axes that are drawn on."""


def draw_line(axes: Axes, link: Link, points: Sequence[Point], largest: float) -> None:
    """A straight line between two points, or a curve by four; broken where the weight is negative.

    Parameters
    ----------
    axes
        Axes that are drawn into.
    link
        The link; its colour and weight style the line.
    points
        Two ends of a straight line, or four control points of a Bézier curve, in units of the axes.
    largest
        Largest absolute weight of all links, which gets the widest line.
    """
    codes = [Path.MOVETO, *([Path.LINETO] if len(points) == 2 else [Path.CURVE4] * 3)]
    width = 1.2 + 2.6 * abs(link.weight) / largest
    patch = PathPatch(Path(np.array(points), codes), facecolor="none", edgecolor=link.colour, linewidth=width)
    patch.set_linestyle("solid" if link.weight > 0 else (0, (3.0, 1.6)))
    patch.set_capstyle("butt")
    patch.set_path_effects([Stroke(linewidth=width + 1.8, foreground="white", alpha=0.8), Normal()])
    axes.add_patch(patch)


def draw_legend(
    figure: Figure,
    box: Box,
    pair: PairPicture,
    links: Sequence[Link],
    names: tuple[SegmentNames, SegmentNames],
) -> None:
    """Legend of the links with their ends and weights; one sentence where there are no links.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    links
        Links, strongest first.
    names
        Names of the segments of query and candidate.
    """
    axes = axes_in(figure, box)
    if not links:
        write(
            axes,
            0,
            0,
            f"No cell of the matrix differs from 0 at {LEVEL:.0%}, so no {pair.sides.segments} are linked.",
            fontsize=9,
        )
        return
    column = box.width / _COLUMNS
    for place, link in enumerate(links):
        x, y = column * (place % _COLUMNS), 0.08 + 0.21 * (place // _COLUMNS)
        draw_line(axes, link, [(x, y), (x + 0.3, y)], abs(links[0].weight))
        write(axes, x + 0.4, y, link_sentence(link, names), fontsize=8.5, color=INK, va="center")
    said = "full line: both raise the score together; broken: they lower it; the wider, the more"
    unsure = pair.untested or f"all differ from 0 at {LEVEL:.0%}, each by itself"
    write(axes, 0, 0.5, f"{said}; {unsure}", fontsize=7.5, color=MUTED)
