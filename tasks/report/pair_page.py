"""The page of a pair and the pictures on it: of an image with a caption, or of two alike items."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from ilime_core.pictures.places import anchor_points, place_name
from tasks.figures.alike.alike_figure import links_figure
from tasks.figures.alike.alike_matrix import alike_matrix_figure
from tasks.figures.alike.groups import group_sentence, groups_figure, matched_groups
from tasks.figures.choice import shown_factors, strong_words
from tasks.figures.colours import symmetric_limit
from tasks.figures.factors import factor_sentence, factors_figure
from tasks.figures.faithfulness import faithfulness_figure
from tasks.figures.item_pictures import ImagePicture, ItemPicture, TextPicture
from tasks.figures.links import link_sentence, segment_names, strong_links
from tasks.figures.margins import margin_figure, margin_sentence, margin_warning
from tasks.figures.matrix import matrix_figure
from tasks.figures.pair_figure import pair_sentences, pair_title
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import seen_sentence
from tasks.figures.word_heats import word_heats_figure, word_sentence
from tasks.report.leaderboard.expectation import reading_sentences
from tasks.report.tinted import TintedWord, tinted_words

__all__ = ["MARGINS", "CellRow", "cell_rows", "pair_context", "pair_figures"]

MARGINS = 2
"""Margins that a page shows of a pair."""

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


def pair_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures of the page by the end of their file names."""
    if pair.is_alike:
        figures = {"links": links_figure(pair), "matrix": alike_matrix_figure(pair)}
        if matched_groups(pair):
            figures["groups"] = groups_figure(pair)
    else:
        figures = {"matrix": matrix_figure(pair), "words": word_heats_figure(pair)}
        if shown_factors(pair):
            figures["factors"] = factors_figure(pair)
    if pair.curves:
        figures["curves"] = faithfulness_figure(pair)
    for number, margin in enumerate(pair.margins[:MARGINS], start=1):
        figures[f"margin-{number}"] = margin_figure(margin)
    return figures


def pair_context(pair: PairPicture) -> Mapping[str, object]:
    """Variables of the template of the page; alternative texts are empty where there is no picture."""
    own = _alike_context(pair) if pair.is_alike else _captioned_context(pair)
    alt = _alike_alt(pair) if pair.is_alike else _captioned_alt(pair)
    curves = "Insertion and deletion curves of the explanation against random orders" if pair.curves else ""
    return {
        "p": pair,
        "sentences": pair_sentences(pair),
        "cells": cell_rows(pair),
        "n_cells": pair.weights.size,
        "margins": _margins(pair),
        "alt": alt | {"curves": curves},
        **own,
    }


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


def _margins(pair: PairPicture) -> list[dict[str, str]]:
    """Titles, sentences and warnings of the margins that the page shows."""
    return [
        {
            "title": _margin_title(margin.margin, margin_warning(margin)),
            "sentence": margin_sentence(margin),
            "warning": margin_warning(margin),
        }
        for margin in pair.margins[:MARGINS]
    ]


def _margin_title(margin: float, warning: str) -> str:
    """Title of a margin; of a contrast the correct candidate may have scored higher."""
    if margin >= 0:
        return "The correct candidate beside a wrong one"
    return "The wrong candidate, and what segments say of it" if warning else "Why the wrong candidate won"


def _captioned_context(pair: PairPicture) -> dict[str, object]:
    net_limit, alone_limit = symmetric_limit(pair.right_net), symmetric_limit(pair.right_effect)
    return {
        "name": pair.image.title,
        "net_words": tinted_words(pair.text, pair.right_net, net_limit),
        "net_limit": net_limit,
        "alone_words": tinted_words(pair.text, pair.right_effect, alone_limit),
        "alone_limit": alone_limit,
        "seen": [said] if (said := seen_sentence(pair.image)) else [],
        "reading": reading_sentences(pair),
    }


def _captioned_alt(pair: PairPicture) -> dict[str, str]:
    name, first = pair.image.title, cell_rows(pair)[0]
    heats = "; ".join(
        f"{pair.text.words[word].text}: {word_sentence(pair, word)}" for word in strong_words(pair)
    )
    factors = "; ".join(
        f"factor {factor.component}: {factor_sentence(factor)}"
        for factor in pair.factors[: shown_factors(pair)]
    )
    strongest = f"“{first.right}” with region {first.left}, {first.weight:+.3f}"
    return {
        "matrix": f"Photograph {name} with numbers beside the matrix of regions and words. "
        f"Strongest: {strongest}",
        "words": f"Photograph {name} once per strong word, tinted by the word's weights. {heats}",
        "factors": f"Photograph {name} under the weights of the leading factors. {factors}"
        if factors
        else "",
    }


def _alike_context(pair: PairPicture) -> dict[str, object]:
    limit = symmetric_limit(pair.left_net, pair.right_net)
    return {
        "name": pair_title(pair),
        "segments": pair.sides.segments,
        "texts": _texts(pair, limit),
        "limit": limit,
        "seen": [
            f"{side}: {said}"
            for side, item in (("Query", pair.left), ("Candidate", pair.right))
            if isinstance(item, ImagePicture) and (said := seen_sentence(item))
        ],
    }


def _texts(pair: PairPicture, limit: float) -> list[tuple[str, tuple[TintedWord, ...], int]]:
    sides = (("query", pair.left, pair.left_net), ("candidate", pair.right, pair.right_net))
    return [
        (name, tinted_words(item, values, limit), item.n_truncated)
        for name, item, values in sides
        if isinstance(item, TextPicture)
    ]


def _alike_alt(pair: PairPicture) -> dict[str, str]:
    strong = strong_links(pair)
    names = segment_names(pair, strong)
    links = "; ".join(link_sentence(link, names) for link in strong)
    title, segments = pair_title(pair), pair.sides.segments
    groups = "; ".join(f"factor {one.component}: {group_sentence(one)}" for one in matched_groups(pair))
    return {
        "links": f"{title}, with lines between the {segments} that answer each other. {links}",
        "matrix": f"Matrix of the {segments} of {title}",
        "groups": f"{title}, once per factor, its {segments} coloured. {groups}" if groups else "",
    }


def _names(item: ItemPicture) -> Sequence[str]:
    """Words by themselves; regions by number and place."""
    if isinstance(item, TextPicture):
        return [word.text for word in item.words]
    height, width = item.labels.shape
    points = anchor_points(item.labels, item.n_segments)
    return [f"{number}, {place_name(x / width, y / height)}" for number, (x, y) in enumerate(points)]
