"""Interactions of each strong word with the regions of the photograph."""

import numpy as np
from matplotlib.figure import Figure

from ilime_core.pictures.places import anchor_points, place_name
from tasks.figures.canvas import MUTED, Box, axes_in, colour_bar, write
from tasks.figures.choice import HEATS, strong_words
from tasks.figures.colours import symmetric_limit
from tasks.figures.lettering import shortened
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_heat

__all__ = ["draw_word_heats", "word_sentence"]


def draw_word_heats(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw one tinted photograph per strong word, the strongest word first.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    words = strong_words(pair)
    limit = symmetric_limit(pair.weights[:, words])
    width = (box.width + 0.15) / HEATS
    for place, word in enumerate(words):
        x = box.x + place * width
        axes = axes_in(figure, Box(x, box.y, width - 0.15, 0.5))
        write(axes, 0, 0, shortened(pair.text.words[word].text, 22), fontsize=12, weight="bold")
        write(axes, 0, 0.25, word_sentence(pair, word), fontsize=7.5, color=MUTED)
        photo = Box(x, box.y + 0.48, width - 0.15, box.height - 0.9)
        draw_heat(figure, photo, pair.image, pair.weights[:, word], limit)
    bar = Box(box.x + 0.1, box.y + box.height - 0.3, box.width - 0.1, 0.3)
    colour_bar(
        figure, bar, limit, "red: region and word raise the score together; blue: they lower it together"
    )


def word_sentence(pair: PairPicture, word: int) -> str:
    """Place and weight of a word's strongest interaction, with its standard error.

    Parameters
    ----------
    pair
        The pair as read from the run.
    word
        Number of the word.

    Returns
    -------
    str
        A clause without a full stop.
    """
    weights = pair.weights[:, word]
    region = int(np.argmax(np.abs(weights)))
    x, y = anchor_points(pair.image.labels, pair.image.n_segments)[region]
    height, width = pair.image.labels.shape
    error = pair.errors[region, word]
    sure = "" if np.isnan(error) else f" \N{PLUS-MINUS SIGN} {error:.4f}"
    return f"{weights[region]:+.4f}{sure}, {place_name(x / width, y / height)}"
