"""Methods by metrics as dots with intervals, beside what chance and a linear surrogate reach."""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, MaxNLocator, NullFormatter, NullLocator, StrMethodFormatter

from tasks.figures.canvas import INK, MUTED, Box, axes_in, new_figure, write
from tasks.figures.lettering import shortened

__all__ = ["Dot", "MetricPanel", "leaderboard_figure"]

# Marks differ in shape as well as in colour (Okabe and Ito's palette).
_BLUE, _ORANGE, _GREY, _LINE, _BAND = "#0072B2", "#D55E00", "#9a9a9a", "#e8e8e5", "#d9ebf7"
_WIDTH, _EDGE, _GAP = 11.0, 0.15, 0.3
_LEGEND, _HEAD, _STEP, _FOOT = 0.36, 0.5, 0.27, 0.42
_ACROSS = (2, 3)
"""Fewest and most panels that share a row."""

_LETTERS = 26
_LETTER = 0.078
"""Inches that a letter of a method's name takes on average."""

_DECADES = 30.0
"""From this ratio of the largest to the smallest value on, an axis is logarithmic where all are positive."""


@dataclass(frozen=True, slots=True)
class Dot:
    """One method in one metric; None where something is not known."""

    method: str
    mean: float | None
    low: float | None = None
    high: float | None = None
    chance: float | None = None
    linear: float | None = None
    is_few: bool = False
    """True if it has too few items for a claim."""
    is_best: bool = False
    """True if no other method is better, and some are not best."""


@dataclass(frozen=True, slots=True)
class MetricPanel:
    """One metric of several methods."""

    title: str
    direction: str
    """higher or lower is better"""
    dots: tuple[Dot, ...]
    is_count: bool = False
    """True for counts, which are drawn from 0 or on a logarithmic axis, with the number beside the dot."""


def leaderboard_figure(panels: Sequence[MetricPanel], order: Sequence[str] = ()) -> Figure:
    """Metrics side by side, methods below each other in one order throughout.

    Parameters
    ----------
    panels
        Metrics, each with its methods.
    order
        Names of methods; those of them that have a dot come first, in this order.

    Returns
    -------
    Figure
        One panel a metric, two or three panels in a row.
    """
    drawn = dict.fromkeys(dot.method for panel in panels for dot in panel.dots)
    methods = [name for name in dict.fromkeys([*order, *drawn]) if name in drawn]
    across = min(max(len(panels), _ACROSS[0]), _ACROSS[1])
    rows = [panels[start : start + across] for start in range(0, len(panels), across)]
    height = _HEAD + _STEP * len(methods) + _FOOT
    figure = new_figure(_WIDTH, _EDGE + _LEGEND + height * max(len(rows), 1))
    names = min(_LETTERS, max((len(name) for name in methods), default=0)) * _LETTER + 0.1
    _draw_legend(figure, Box(_EDGE, _EDGE, _WIDTH - 2 * _EDGE, _LEGEND), panels)
    width = (_WIDTH - 2 * _EDGE - names) / across - _GAP
    for place, row in enumerate(rows):
        y = _EDGE + _LEGEND + place * height
        labels = axes_in(figure, Box(_EDGE, y + _HEAD, names, _STEP * len(methods)))
        for number, method in enumerate(methods):
            told = shortened(method, _LETTERS)
            write(labels, names - 0.1, (number + 0.5) * _STEP, told, fontsize=8.5, ha="right", va="center")
        for column, panel in enumerate(row):
            x = _EDGE + names + column * (width + _GAP)
            head = axes_in(figure, Box(x, y, width, _HEAD))
            write(head, 0, 0.06, panel.title, fontsize=9.5, weight="bold")
            write(
                head,
                0,
                0.26,
                f"{panel.direction} is better" if panel.direction else "",
                fontsize=7.5,
                color=MUTED,
            )
            box = Box(x, y + _HEAD, width, _STEP * len(methods))
            _draw(axes_in(figure, box, frame=True), panel, methods)
    return figure


def _draw(axes: Axes, panel: MetricPanel, methods: list[str]) -> None:
    axes.set_ylim(len(methods) - 0.5, -0.5)
    axes.yaxis.set_major_locator(NullLocator())
    for dot in panel.dots:
        if dot.is_best:
            row = methods.index(dot.method)
            axes.axhspan(row - 0.46, row + 0.46, color=_BAND, linewidth=0, zorder=-1)
    for number in range(len(methods)):
        axes.axhline(number, color=_LINE, linewidth=0.8, zorder=0)
    raised = 0.1 if any(dot.linear is not None for dot in panel.dots) else 0.0
    for dot in panel.dots:
        _draw_dot(axes, dot, methods.index(dot.method), raised)
        if panel.is_count and dot.mean is not None:
            axes.annotate(
                f"{dot.mean:,.0f}", (dot.mean, methods.index(dot.method)), (6, 0), textcoords="offset points",
                va="center", fontsize=7.5, color=INK, bbox={"color": "white", "pad": 0.6},
            )  # fmt: skip
    _scale(axes, panel)
    axes.tick_params(labelsize=7.5, colors=MUTED, length=2.5)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(_GREY)


def _draw_dot(axes: Axes, dot: Dot, y: float, raised: float) -> None:
    """The explanation is drawn above the linear surrogate, so that equal values do not hide each other."""
    if dot.chance is not None:
        axes.plot([dot.chance] * 2, [y - 0.36, y + 0.36], "-", color=_GREY, linewidth=2.0, zorder=1)
    if dot.low is not None and dot.high is not None:
        axes.plot([dot.low, dot.high], [y - raised] * 2, "-", color=_BLUE, linewidth=2.0, zorder=3)
    if dot.mean is not None:
        ground = "white" if dot.is_few else _BLUE
        axes.plot(
            [dot.mean], [y - raised], "o", color=_BLUE, markersize=5.5, markerfacecolor=ground, zorder=4
        )
    if dot.linear is not None:
        axes.plot(
            [dot.linear], [y + 0.24], "D", color=_ORANGE, markersize=4.2, markerfacecolor="white", zorder=3
        )


def _scale(axes: Axes, panel: MetricPanel) -> None:
    """Room at both ends, few ticks; counts have 0 in sight or a logarithmic axis."""
    values = _values(panel)
    if not values:
        axes.xaxis.set_major_locator(NullLocator())
        axes.text(0.5, 0.5, "not known", transform=axes.transAxes, ha="center", fontsize=8, color=MUTED)
        return
    low, high = min(values), max(values)
    if panel.is_count and low > 0 and high / low >= _DECADES:
        axes.set_xscale("log")
        axes.set_xlim(low / 1.6, high * 4)
        axes.xaxis.set_major_locator(FixedLocator([10.0**k for k in range(12)]))
        axes.xaxis.set_major_formatter(StrMethodFormatter("{x:,.0f}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        return
    low = min(low, 0.0) if panel.is_count else low
    room = (high - low) * (0.3 if panel.is_count else 0.06) or 0.05
    axes.set_xlim(low - (0 if panel.is_count else room), high + room)
    axes.xaxis.set_major_locator(MaxNLocator(4, steps=[1, 2, 2.5, 5, 10]))


def _values(panel: MetricPanel) -> list[float]:
    told = (value for dot in panel.dots for value in (dot.mean, dot.low, dot.high, dot.chance, dot.linear))
    return [value for value in told if value is not None]


def _draw_legend(figure: Figure, box: Box, panels: Sequence[MetricPanel]) -> None:
    """Only of what is drawn."""
    axes = axes_in(figure, box)
    dots = [dot for panel in panels for dot in panel.dots]
    x, y = 0.05, 0.14
    told = "mean"
    if any(dot.low is not None for dot in dots):
        axes.plot([x, x + 0.3], [y, y], "-", color=_BLUE, linewidth=2.0)
        told = "explanation, with 95 % interval"
    axes.plot([x + 0.15], [y], "o", color=_BLUE, markersize=5.5)
    write(axes, x + 0.4, y, told, fontsize=8, va="center", color=MUTED)
    x += 2.7
    if any(dot.linear is not None for dot in dots):
        axes.plot([x], [y], "D", color=_ORANGE, markersize=4.2, markerfacecolor="white")
        write(axes, x + 0.15, y, "linear surrogate (main effects)", fontsize=8, va="center", color=MUTED)
        x += 2.4
    if any(dot.chance is not None for dot in dots):
        axes.plot([x, x], [y - 0.09, y + 0.09], "-", color=_GREY, linewidth=2.0)
        write(axes, x + 0.12, y, "chance", fontsize=8, va="center", color=MUTED)
        x += 1.0
    if any(dot.is_few for dot in dots):
        axes.plot([x], [y], "o", color=_BLUE, markersize=5.5, markerfacecolor="white")
        write(axes, x + 0.15, y, "too few items", fontsize=8, va="center", color=MUTED)
        x += 1.3
    if any(dot.is_best for dot in dots):
        axes.axvspan(x, x + 0.3, 0.3, 0.92, color=_BAND, linewidth=0)
        write(axes, x + 0.4, y, "no other method is better", fontsize=8, va="center", color=MUTED)
