"""Insertion and deletion curves of an explanation beside those of random orders."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, Box, axes_in, new_figure
from tasks.figures.curve_pictures import CurvePicture
from tasks.figures.pair_picture import PairPicture
from tasks.runs.sides import SideWords

__all__ = ["faithfulness_figure"]

# Told apart by dash as well as by colour (Okabe and Ito's palette).
_STYLES = {
    "explanation": ("#0072B2", "-", 2.2),
    "interactions": ("#009E73", "-.", 1.4),
    "main_effects": ("#D55E00", "--", 1.6),
}
_TARGETS = {"score": "score", "mixed_difference": "mixed difference"}
_GOALS = {"insertion": ("added", "higher"), "deletion": ("removed", "lower")}
_ROWS = (("both", "score"), ("both", "mixed_difference"), ("left", "score"), ("right", "score"))
"""Side and target; with the other side whole, the mixed difference hardly says more than the score."""


def faithfulness_figure(pair: PairPicture) -> Figure:
    """Insertion and deletion curves, with the middle 90 % of the random orders as a band."""
    drawn = {(curve.side, curve.mode) for curve in pair.curves}
    rows = [row for row in _ROWS if row in drawn]
    figure = new_figure(11.0, 0.4 + 2.7 * max(len(rows), 1))
    for place, (side, mode) in enumerate(rows):
        for column, metric in enumerate(_GOALS):
            box = Box(0.8 + 5.45 * column, 0.35 + 2.7 * place, 3.1, 1.9)
            curves = [one for one in pair.curves if (one.side, one.mode, one.metric) == (side, mode, metric)]
            axes = axes_in(figure, box, frame=True)
            _draw(axes, curves)
            axes.set_title(_title(pair.sides, side, metric), fontsize=9, loc="left")
            axes.set_xlabel("share of segments", fontsize=8, color=MUTED)
            axes.set_ylabel(_TARGETS[mode], fontsize=8, color=MUTED)
    return figure


def _title(sides: SideWords, side: str, metric: str) -> str:
    done, better = _GOALS[metric]
    if side == "both":
        return f"{metric}: segments {done}, best first: {better} is better"
    own, other = (0, sides.right) if side == "left" else (1, sides.left)
    whose = f"{(sides.left, sides.right)[own]}'s " if sides.is_alike else ""
    return f"{metric}: {whose}{sides.one_segment[own]}s {done}, {other} whole: {better} is better"


def _draw(axes: Axes, curves: list[CurvePicture]) -> None:
    random = [curve for curve in curves if curve.control == "random"]
    if random:
        rows = np.stack([curve.y for curve in random])
        low, high = np.quantile(rows, (0.05, 0.95), axis=0)
        label = f"{len(random)} random: {_area(random):.3f}"
        axes.fill_between(random[0].x, low, high, color="#bbbbbb", alpha=0.6, linewidth=0, label=label)
    for control, (colour, dash, width) in _STYLES.items():
        own = [curve for curve in curves if curve.control == control]
        for curve in own[:1]:
            label = f"{control.replace('_', ' ')}: {_area(own):.3f}"
            axes.plot(curve.x, curve.y, dash, color=colour, linewidth=width, label=label)
    axes.legend(
        fontsize=7,
        title="area under the curve",
        title_fontsize=7,
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
    )
    axes.tick_params(labelsize=7.5, colors=MUTED)
    axes.spines[["top", "right"]].set_visible(False)


def _area(curves: list[CurvePicture]) -> float:
    return float(np.mean([np.trapezoid(curve.y, curve.x) for curve in curves]))
