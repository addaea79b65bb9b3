"""Sections that the pages of all pairs have: strong cells of W, curves and margins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from tasks.figures.faithfulness import faithfulness_figure
from tasks.figures.item_pictures import ItemPicture, TextPicture
from tasks.figures.margins import margin_figure
from tasks.figures.pair_figure import pair_sentences
from tasks.figures.pair_picture import PairPicture
from tasks.figures.places import anchor_points, place_name
from tasks.report.margin_views import MARGINS, margin_views

__all__ = ["CellRow", "cell_rows", "curves_text", "shared_context", "shared_figures"]

_CELLS = 10


@dataclass(frozen=True, slots=True)
class CellRow:
    """A strong cell of the matrix, as text."""

    left: str
    """A word, or a region's number and place."""
    right: str
    weight: float
    error: str
    z: str
    p_value: str


def cell_rows(pair: PairPicture) -> list[CellRow]:
    """Cells of largest absolute weight, largest first; a dash replaces a number that is not known."""
    lefts, rights = _names(pair.left), _names(pair.right)
    rows: list[CellRow] = []
    for cell in np.argsort(-np.abs(pair.weights), axis=None, kind="stable")[:_CELLS]:
        left, right = (int(index) for index in np.unravel_index(cell, pair.weights.shape))
        error, z = pair.errors[left, right], pair.z[left, right]
        p_value = pair.p_values[left, right]
        rows.append(
            CellRow(
                lefts[left],
                rights[right],
                float(pair.weights[left, right]),
                "\N{EN DASH}" if np.isnan(error) else f"{error:.4f}",
                f"{z:.1f}" if np.isfinite(z) else "\N{EN DASH}",
                "\N{EN DASH}" if np.isnan(p_value) else f"{p_value:.2g}",
            )
        )
    return rows


def shared_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures of curves and margins by the end of their file names."""
    figures = {"curves": faithfulness_figure(pair)} if pair.curves else {}
    for number, margin in enumerate(pair.margins[:MARGINS], start=1):
        figures[f"margin-{number}"] = margin_figure(margin)
    return figures


def shared_context(pair: PairPicture) -> Mapping[str, object]:
    """Variables that ``pair_base.html`` reads of every pair."""
    return {
        "p": pair,
        "sentences": pair_sentences(pair),
        "cells": cell_rows(pair),
        "n_cells": pair.weights.size,
        "margins": margin_views(pair),
    }


def curves_text(pair: PairPicture) -> str:
    """Alternative text of the picture of curves; empty where there is none."""
    return "Insertion and deletion curves of the explanation against random orders" if pair.curves else ""


def _names(item: ItemPicture) -> Sequence[str]:
    """Words by themselves; regions by number and place."""
    if isinstance(item, TextPicture):
        return [word.text for word in item.words]
    height, width = item.labels.shape
    points = anchor_points(item.labels, item.n_segments)
    return [f"{number}, {place_name(x / width, y / height)}" for number, (x, y) in enumerate(points)]
