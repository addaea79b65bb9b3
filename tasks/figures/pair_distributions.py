"""Distributions of what single pairs amount to, matches beside all other pairs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from tasks.figures.canvas import MUTED, new_figure

__all__ = ["Distribution", "distributions_figure"]

# Lines differ in their strokes as well as in colour (Okabe and Ito's palette).
_STYLES: dict[str, tuple[str, dict[str, Any]]] = {
    "positive": ("matches", {"color": "#D55E00", "linestyle": "-"}),
    "other": ("all other pairs", {"color": "#0072B2", "linestyle": "--"}),
}


@dataclass(frozen=True, slots=True, eq=False)
class Distribution:
    """Pairs of one relation by one measure.

    Attributes
    ----------
    relation
        ``positive`` or ``other``.
    edges
        Ends of the bins, ascending.
    n
        Pairs of each bin.
    """

    relation: str
    edges: Float[np.ndarray, " ends"]
    n: Float[np.ndarray, " bins"]


def distributions_figure(panels: Mapping[str, Sequence[Distribution]]) -> Figure:
    """One panel a measure, on a logarithmic axis.

    Parameters
    ----------
    panels
        Distributions by the title of the panel.

    Returns
    -------
    Figure
        Each line is the share of its own pairs, so that few matches stand beside many others.
    """
    figure = new_figure(11, 2.9)
    for place, (title, distributions) in enumerate(panels.items()):
        axes = figure.add_axes((0.05 + 0.325 * place, 0.2, 0.275, 0.66))
        for one in distributions:
            label, style = _STYLES[one.relation]
            share = 100 * one.n / max(one.n.sum(), 1)
            axes.stairs(share, one.edges, label=f"{label} ({int(one.n.sum()):,})", baseline=None, **style)
        axes.set_xscale("log")
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.set_title(title, fontsize=10)
        axes.tick_params(labelsize=8, colors=MUTED)
        axes.spines[["top", "right"]].set_visible(False)
        axes.set_ylim(bottom=0)
        if not place:
            axes.set_ylabel("% of these pairs", fontsize=8, color=MUTED)
            axes.legend(fontsize=8, frameon=False)
    return figure
