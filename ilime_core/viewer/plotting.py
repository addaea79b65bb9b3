"""A pair as one matplotlib figure: photograph under its strongest word, and the strongest rows of W."""

import numpy as np
from jaxtyping import Float, Int, UInt8
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.figure import Figure

__all__ = ["plot_pair"]

_ROWS = 12
_FAINT = 0.35
"""Opacity of cells below two standard errors."""


def plot_pair(
    weights: Float[np.ndarray, "left right"],
    errors: Float[np.ndarray, "left right"],
    names: tuple[list[str], list[str]],
    photo: UInt8[np.ndarray, "height width 3"] | None = None,
    labels: Int[np.ndarray, "rows columns"] | None = None,
) -> Figure:
    """Draw a pair; one scale of colours, which ends at the largest cell.

    Parameters
    ----------
    weights, errors
        W and its standard errors; cells below two of them are faint.
    names
        Names of the left and of the right segments.
    photo, labels
        Photograph and label map of a left image, of about the same proportions; None of a text.

    Returns
    -------
    Figure
        Not bound to any window.
    """
    limit = float(np.abs(weights).max(initial=0.0)) or 1.0
    width = 0.45 * min(len(names[1]), 24) + 2.0
    has_photo = photo is not None and labels is not None
    figure = Figure(figsize=(width + 5.0 * has_photo, 4.6), layout="constrained")
    widths = [5.0, width] if has_photo else [width]
    axes = list(figure.subplots(1, len(widths), squeeze=False, width_ratios=widths)[0])
    strongest = int(np.abs(weights).max(axis=0).argmax())
    if photo is not None and labels is not None:
        _draw_photo(axes[0], photo, labels, weights[:, strongest] / limit)
        axes[0].set_title(f"with “{names[1][strongest]}”", fontsize=10)
    _draw_matrix(axes[-1], weights / limit, np.abs(weights) >= 2 * errors, names)
    axes[-1].set_title(f"interaction, ±{limit:.3g}; faint: below two standard errors", fontsize=9)
    return figure


def _draw_photo(
    axes: Axes,
    photo: UInt8[np.ndarray, "height width 3"],
    labels: Int[np.ndarray, "rows columns"],
    shares: Float[np.ndarray, " left"],
) -> None:
    known = np.append(shares, 0.0)[labels]
    tint = colormaps["RdBu_r"](0.5 + known / 2)
    tint[..., 3] = 0.8 * np.abs(known) ** 0.75
    tint[labels < 0] = (0.0, 0.0, 0.0, 0.65)
    extent = (0, photo.shape[1], photo.shape[0], 0)
    axes.imshow(photo, extent=extent)
    axes.imshow(tint, extent=extent, interpolation="nearest")
    axes.set_axis_off()


def _draw_matrix(
    axes: Axes,
    shares: Float[np.ndarray, "left right"],
    is_clear: np.ndarray,
    names: tuple[list[str], list[str]],
) -> None:
    rows = np.argsort(-np.abs(shares).max(axis=1), kind="stable")[:_ROWS]
    tint = colormaps["RdBu_r"](0.5 + shares[rows] / 2)
    tint[..., 3] = np.where(is_clear[rows], 1.0, _FAINT)
    axes.imshow(tint, aspect="auto")
    axes.set_xticks(range(len(names[1])), names[1], rotation=60, ha="right", fontsize=8)
    axes.set_yticks(range(len(rows)), [names[0][row] for row in rows.tolist()], fontsize=8)
