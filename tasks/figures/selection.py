"""Selected regions on their photograph, beside the score that they give."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, Box, axes_in, new_figure, write
from tasks.figures.lettering import shortened
from tasks.figures.photo import draw_numbered
from tasks.figures.selection_picture import (
    CounterfactualPicture,
    FadePicture,
    OrderPicture,
    read_counterfactual,
    read_order,
    selected_methods,
)
from tasks.runs.run import Run

__all__ = ["counterfactual_figure", "fade_figure", "order_figure", "selection_figures"]

_BLUE, _RED, _GREY = "#0072B2", "#D55E00", "#9a9a9a"
_NUMBERED = 9
"""Largest number of numbered regions; more would hide the photograph."""


def selection_figures(run: Run, pair_id: str) -> dict[str, Figure]:
    """Figures of what was selected in a pair's left image, by method; empty where nothing was.

    Parameters
    ----------
    run
        Stored run.
    pair_id
        Pair whose left image was selected from.

    Returns
    -------
    dict of str to Figure
        Figures by name of the method.
    """
    draw = {
        "smdl": lambda: order_figure(read_order(run, pair_id)),
        "counterfactual": lambda: counterfactual_figure(read_counterfactual(run, pair_id)),
    }
    return {name: draw[name]() for name in selected_methods(run, pair_id) if name in draw}


def order_figure(order: OrderPicture) -> Figure:
    """The first regions with their numbers, beside the score with the chosen kept alone and removed."""
    figure = new_figure(9.0, 3.4)
    draw_numbered(figure, Box(0.1, 0.1, 4.2, 3.2), order.image, order.segments[:_NUMBERED])
    axes = axes_in(figure, Box(5.0, 0.4, 3.8, 2.4), frame=True)
    x = np.arange(len(order.kept))
    axes.plot(x, order.kept, "-", color=_BLUE, linewidth=2.0, label="chosen regions kept alone")
    axes.plot(x, order.removed, "--", color=_RED, linewidth=1.6, label="chosen regions removed")
    axes.set_xlabel("regions chosen", fontsize=8, color=MUTED)
    _finish(axes)
    first = ", ".join(str(region) for region in order.segments[:_NUMBERED])
    rest = f" (the first {_NUMBERED} of {len(order.segments)})" if len(order.segments) > _NUMBERED else ""
    note = axes_in(figure, Box(5.0, 0.1, 3.8, 0.2))
    write(note, 0, 0, f"chosen in this order: {first}{rest}", fontsize=8, color=MUTED)
    return figure


def counterfactual_figure(found: CounterfactualPicture) -> Figure:
    """The regions of the set, numbered, and who is found first with and without them."""
    figure = new_figure(9.0, 3.4)
    draw_numbered(figure, Box(0.1, 0.1, 4.2, 3.2), found.image, found.segments)
    axes = axes_in(figure, Box(4.6, 0.2, 4.2, 3.0))
    write(axes, 0, 0.0, "found first", fontsize=9, color=MUTED)
    write(axes, 0, 0.25, shortened(found.before, 60), fontsize=10)
    if found.reason is not None:
        write(axes, 0, 0.8, found.reason, fontsize=9, color=MUTED, wrap=True)
        return figure
    count = f"the {len(found.segments)} regions" if len(found.segments) > 1 else "the region"
    write(axes, 0, 0.8, f"without {count} found first", fontsize=9, color=MUTED)
    write(axes, 0, 1.05, shortened(found.after, 60), fontsize=10)
    known = "no smaller set does it" if found.proved else "none of them can be put back"
    write(axes, 0, 1.6, known, fontsize=9, color=MUTED)
    return figure


def fade_figure(fades: FadePicture) -> Figure:
    """Every pair's curve in grey, their mean in blue."""
    figure = new_figure(5.2, 3.3)
    axes = axes_in(figure, Box(0.75, 0.45, 4.2, 2.2), frame=True)
    for curve in fades.curves:
        axes.plot(curve.x, curve.y, "-", color=_GREY, linewidth=0.8, alpha=0.7)
    x, y = fades.mean
    axes.plot(x, y, "-", color=_BLUE, linewidth=2.4, label=f"mean of {len(fades.curves)}")
    what = "a word" if fades.side == "right" else "a region"
    shared = "" if fades.word is None else f" of “{fades.word}”"
    title = axes.set_title(f"score as {what}{shared} fades in", fontsize=9, loc="left")
    title.set_parse_math(False)
    axes.set_xlabel("level: 0 baseline, 1 itself", fontsize=8, color=MUTED)
    _finish(axes)
    return figure


def _finish(axes: Axes) -> None:
    axes.set_ylabel("score", fontsize=8, color=MUTED)
    axes.legend(fontsize=7.5, frameon=False)
    axes.tick_params(labelsize=7.5, colors=MUTED)
    axes.spines[["top", "right"]].set_visible(False)
