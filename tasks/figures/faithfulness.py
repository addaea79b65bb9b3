"""Whether the explanation says what the model does: its curves against those that it has to beat."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, Box, axes_in, new_figure
from tasks.figures.pair_picture import CurvePicture, PairPicture

__all__ = ["faithfulness_figure"]

# Told apart by dash as well as by colour (Okabe and Ito's palette).
_STYLES = {
    "explanation": ("#0072B2", "-", 2.2),
    "interactions": ("#009E73", "-.", 1.4),
    "main_effects": ("#D55E00", "--", 1.6),
}
_TARGETS = {"score": "score", "mixed_difference": "mixed difference (image and caption together)"}
_GOALS = {
    "insertion": "segments added, best first: higher is better",
    "deletion": "segments removed, best first: lower is better",
}


def faithfulness_figure(pair: PairPicture) -> Figure:
    """Insertion and deletion curves, with the middle 90 % of the random orders as a band."""
    modes = [mode for mode in _TARGETS if any(curve.mode == mode for curve in pair.curves)]
    figure = new_figure(11.0, 0.4 + 2.7 * max(len(modes), 1))
    for row, mode in enumerate(modes):
        for column, metric in enumerate(_GOALS):
            box = Box(0.65 + 5.45 * column, 0.35 + 2.7 * row, 3.1, 1.9)
            curves = [one for one in pair.curves if (one.mode, one.metric) == (mode, metric)]
            axes = axes_in(figure, box, frame=True)
            _draw(axes, curves)
            axes.set_title(f"{metric}: {_GOALS[metric]}", fontsize=9, loc="left")
            axes.set_xlabel("share of segments", fontsize=8, color=MUTED)
            axes.set_ylabel(_TARGETS[mode].partition(" (")[0], fontsize=8, color=MUTED)
    return figure


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
