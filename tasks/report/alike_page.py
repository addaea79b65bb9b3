"""The page of two images or of two texts, and the pictures on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from tasks.figures.alike.alike_matrix import alike_matrix_figure
from tasks.figures.alike.groups import group_sentence, groups_figure, matched_groups
from tasks.figures.alike.link_picture import links_figure
from tasks.figures.colours import symmetric_limit
from tasks.figures.faithfulness import faithfulness_figure
from tasks.figures.item_pictures import ImagePicture, ItemPicture, TextPicture
from tasks.figures.links import link_sentence, segment_names, strong_links
from tasks.figures.margins import margin_figure
from tasks.figures.pair_figure import pair_sentences, pair_title
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import seen_sentence
from tasks.figures.places import anchor_points, place_name
from tasks.report.margin_views import margin_views
from tasks.report.tinted import TintedWord, tinted_words

__all__ = ["AlikeTexts", "CellRow", "alike_context", "alike_figures"]

_CELLS = 10


@dataclass(frozen=True, slots=True)
class CellRow:
    """A strong cell of the matrix, as text."""

    query: str
    candidate: str
    weight: float
    error: str
    z: str
    p_value: str


@dataclass(frozen=True, slots=True)
class AlikeTexts:
    """What the pictures of a page say, for those who do not see them; empty where there is no picture."""

    links: str
    matrix: str
    groups: str
    curves: str


def alike_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures by the end of their file names."""
    figures = {"links": links_figure(pair), "matrix": alike_matrix_figure(pair)}
    if matched_groups(pair):
        figures["groups"] = groups_figure(pair)
    if pair.curves:
        figures["curves"] = faithfulness_figure(pair)
    for number, margin in enumerate(pair.margins[:2], start=1):
        figures[f"margin-{number}"] = margin_figure(margin)
    return figures


def alike_context(pair: PairPicture) -> Mapping[str, object]:
    """What the template of two alike items reads."""
    links = strong_links(pair)
    names = segment_names(pair, links)
    limit = symmetric_limit(pair.left_net, pair.right_net)
    return {
        "p": pair,
        "name": pair_title(pair),
        "segments": pair.sides.segments,
        "texts": _texts(pair, limit),
        "limit": limit,
        "sentences": pair_sentences(pair),
        "seen": [
            f"{side}: {said}"
            for side, item in (("Query", pair.left), ("Candidate", pair.right))
            if isinstance(item, ImagePicture) and (said := seen_sentence(item))
        ],
        "cells": _cells(pair),
        "n_cells": pair.weights.size,
        "margins": margin_views(pair),
        "alt": _alt_texts(pair, [link_sentence(link, names) for link in links]),
    }


def _texts(pair: PairPicture, limit: float) -> list[tuple[str, tuple[TintedWord, ...], int]]:
    sides = (("query", pair.left, pair.left_net), ("candidate", pair.right, pair.right_net))
    return [
        (name, tinted_words(item, values, limit), item.n_truncated)
        for name, item, values in sides
        if isinstance(item, TextPicture)
    ]


def _cells(pair: PairPicture) -> list[CellRow]:
    rows: list[CellRow] = []
    for cell in np.argsort(-np.abs(pair.weights), axis=None, kind="stable")[:_CELLS].tolist():
        left, right = divmod(cell, pair.weights.shape[1])
        error, z = pair.errors[left, right], pair.z[left, right]
        p_value = pair.p_values[left, right]
        rows.append(
            CellRow(
                _segment(pair.left, left),
                _segment(pair.right, right),
                float(pair.weights[left, right]),
                "\N{EN DASH}" if np.isnan(error) else f"{error:.4f}",
                f"{z:.1f}" if np.isfinite(z) else "\N{EN DASH}",
                "\N{EN DASH}" if np.isnan(p_value) else f"{p_value:.2g}",
            )
        )
    return rows


def _segment(item: ItemPicture, segment: int) -> str:
    """A word by itself; a region by its number and place."""
    if isinstance(item, TextPicture):
        return item.words[segment].text
    x, y = anchor_points(item.labels, item.n_segments)[segment]
    height, width = item.labels.shape
    return f"{segment}, {place_name(x / width, y / height)}"


def _alt_texts(pair: PairPicture, links: list[str]) -> AlikeTexts:
    title, segments = pair_title(pair), pair.sides.segments
    groups = "; ".join(f"factor {one.component}: {group_sentence(one)}" for one in matched_groups(pair))
    return AlikeTexts(
        f"{title}, with lines between the {segments} that answer each other. {'; '.join(links)}",
        f"Matrix of the {segments} of {title}",
        f"{title}, once per factor, its {segments} coloured. {groups}" if groups else "",
        "Insertion and deletion curves of the explanation against random orders" if pair.curves else "",
    )
