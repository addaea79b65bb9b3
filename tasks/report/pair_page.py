"""The page of an image with a caption, and the pictures on it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from tasks.figures.choice import shown_factors, strong_words
from tasks.figures.colours import symmetric_limit
from tasks.figures.factors import factor_sentence, factors_figure
from tasks.figures.faithfulness import faithfulness_figure
from tasks.figures.margins import margin_figure
from tasks.figures.matrix import matrix_figure
from tasks.figures.pair_figure import pair_sentences
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import seen_sentence
from tasks.figures.places import anchor_points, place_name
from tasks.figures.word_heats import word_heats_figure, word_sentence
from tasks.report.leaderboard.expectation import reading_sentences
from tasks.report.margin_views import margin_views
from tasks.report.tinted import tinted_words

__all__ = ["AltTexts", "MatchRow", "pair_context", "pair_figures"]

_MATCHES = 10


@dataclass(frozen=True, slots=True)
class MatchRow:
    """A strong cell of the matrix, as text."""

    word: str
    region: str
    weight: float
    error: str
    z: str
    p_value: str


@dataclass(frozen=True, slots=True)
class AltTexts:
    """What the pictures of a page say, for those who do not see them; empty where there is no picture."""

    matrix: str
    words: str
    factors: str
    curves: str


def pair_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures by the end of their file names."""
    figures = {"matrix": matrix_figure(pair), "words": word_heats_figure(pair)}
    if shown_factors(pair):
        figures["factors"] = factors_figure(pair)
    if pair.curves:
        figures["curves"] = faithfulness_figure(pair)
    for number, margin in enumerate(pair.margins[:2], start=1):
        figures[f"margin-{number}"] = margin_figure(margin)
    return figures


def pair_context(pair: PairPicture) -> Mapping[str, object]:
    """What the template of a pair reads."""
    net_limit, alone_limit = symmetric_limit(pair.right_net), symmetric_limit(pair.right_effect)
    return {
        "p": pair,
        "name": pair.image.title,
        "net_words": tinted_words(pair.text, pair.right_net, net_limit),
        "net_limit": net_limit,
        "alone_words": tinted_words(pair.text, pair.right_effect, alone_limit),
        "alone_limit": alone_limit,
        "sentences": pair_sentences(pair),
        "seen": seen_sentence(pair.image),
        "reading": reading_sentences(pair),
        "matches": _matches(pair),
        "n_cells": pair.weights.size,
        "margins": margin_views(pair),
        "alt": _alt_texts(pair),
    }


def _matches(pair: PairPicture) -> list[MatchRow]:
    places = anchor_points(pair.image.labels, pair.image.n_segments)
    height, width = pair.image.labels.shape
    rows: list[MatchRow] = []
    for cell in np.argsort(-np.abs(pair.weights), axis=None, kind="stable")[:_MATCHES]:
        region, word = (int(index) for index in np.unravel_index(cell, pair.weights.shape))
        place = place_name(places[region][0] / width, places[region][1] / height)
        error, z = pair.errors[region, word], pair.z[region, word]
        p_value = pair.p_values[region, word]
        rows.append(
            MatchRow(
                pair.text.words[word].text,
                f"{region}, {place}",
                float(pair.weights[region, word]),
                "\N{EN DASH}" if np.isnan(error) else f"{error:.4f}",
                f"{z:.1f}" if np.isfinite(z) else "\N{EN DASH}",
                "\N{EN DASH}" if np.isnan(p_value) else f"{p_value:.2g}",
            )
        )
    return rows


def _alt_texts(pair: PairPicture) -> AltTexts:
    name, first = pair.image.title, _matches(pair)[0]
    heats = "; ".join(
        f"{pair.text.words[word].text}: {word_sentence(pair, word)}" for word in strong_words(pair)
    )
    factors = "; ".join(
        f"factor {factor.component}: {factor_sentence(factor)}"
        for factor in pair.factors[: shown_factors(pair)]
    )
    strongest = f"“{first.word}” with region {first.region}, {first.weight:+.3f}"
    return AltTexts(
        f"Photograph {name} with numbers beside the matrix of regions and words. Strongest: {strongest}",
        f"Photograph {name} once per strong word, tinted by the word's weights. {heats}",
        f"Photograph {name} under the weights of the leading factors. {factors}" if factors else "",
        "Insertion and deletion curves of the explanation against random orders" if pair.curves else "",
    )
