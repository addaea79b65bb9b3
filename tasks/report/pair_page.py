"""The page of an image with a caption, and the pictures on it."""

from collections.abc import Mapping
from dataclasses import dataclass

from matplotlib.figure import Figure

from tasks.figures.choice import shown_factors, strong_words
from tasks.figures.colours import symmetric_limit
from tasks.figures.factors import factor_sentence, factors_figure
from tasks.figures.matrix import matrix_figure
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import seen_sentence
from tasks.figures.word_heats import word_heats_figure, word_sentence
from tasks.report.leaderboard.expectation import reading_sentences
from tasks.report.pair_sections import cell_rows, curves_text, shared_context, shared_figures
from tasks.report.tinted import tinted_words

__all__ = ["AltTexts", "pair_context", "pair_figures"]


@dataclass(frozen=True, slots=True)
class AltTexts:
    """Alternative texts of the pictures of a page; empty where there is no picture."""

    matrix: str
    words: str
    factors: str
    curves: str


def pair_figures(pair: PairPicture) -> dict[str, Figure]:
    """Figures of the page by the end of their file names."""
    figures = {"matrix": matrix_figure(pair), "words": word_heats_figure(pair)}
    if shown_factors(pair):
        figures["factors"] = factors_figure(pair)
    return figures | shared_figures(pair)


def pair_context(pair: PairPicture) -> Mapping[str, object]:
    """Variables of the template of a captioned photograph."""
    net_limit, alone_limit = symmetric_limit(pair.right_net), symmetric_limit(pair.right_effect)
    return {
        **shared_context(pair),
        "name": pair.image.title,
        "net_words": tinted_words(pair.text, pair.right_net, net_limit),
        "net_limit": net_limit,
        "alone_words": tinted_words(pair.text, pair.right_effect, alone_limit),
        "alone_limit": alone_limit,
        "seen": [said] if (said := seen_sentence(pair.image)) else [],
        "reading": reading_sentences(pair),
        "alt": _alt_texts(pair),
    }


def _alt_texts(pair: PairPicture) -> AltTexts:
    name, first = pair.image.title, cell_rows(pair)[0]
    heats = "; ".join(
        f"{pair.text.words[word].text}: {word_sentence(pair, word)}" for word in strong_words(pair)
    )
    factors = "; ".join(
        f"factor {factor.component}: {factor_sentence(factor)}"
        for factor in pair.factors[: shown_factors(pair)]
    )
    strongest = f"“{first.right}” with region {first.left}, {first.weight:+.3f}"
    return AltTexts(
        f"Photograph {name} with numbers beside the matrix of regions and words. Strongest: {strongest}",
        f"Photograph {name} once per strong word, tinted by the word's weights. {heats}",
        f"Photograph {name} under the weights of the leading factors. {factors}" if factors else "",
        curves_text(pair),
    )
