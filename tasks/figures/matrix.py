"""W as a table of colours: regions down, words across."""

import numpy as np
from matplotlib.figure import Figure

from tasks.figures.canvas import INK, MUTED, Box, axes_in, colour_bar, new_figure, write
from tasks.figures.choice import shown_regions, shown_words
from tasks.figures.colours import DIVERGING, symmetric_limit
from tasks.figures.lettering import drawable, families, shortened
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_numbered

__all__ = ["draw_matrix", "matrix_figure"]

Z_CLEAR = 2.0
"""Weights below so many standard errors could be 0 and carry a dot."""


def matrix_figure(pair: PairPicture) -> Figure:
    """The photograph with its numbered regions beside the matrix."""
    figure = new_figure(11.0, 4.7)
    draw_numbered(figure, Box(0.1, 0.1, 4.6, 4.5), pair.image, shown_regions(pair))
    draw_matrix(figure, Box(4.95, 0.1, 5.95, 4.5), pair)
    return figure


def draw_matrix(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Matrix of the shown regions and words with its scale; weak cells carry a dot."""
    regions, words = shown_regions(pair), shown_words(pair)
    shown = pair.weights[np.ix_(regions, words)]
    limit = symmetric_limit(pair.weights)
    top, left, foot = 0.85, 0.32, 0.62
    cell = min(
        0.5, (box.width - left) / max(len(words), 1), (box.height - top - foot) / max(len(regions), 1) * 1.6
    )
    height = min(0.3, (box.height - top - foot) / max(len(regions), 1)) * len(regions)
    place = Box(box.x + left, box.y + top, cell * len(words), height)
    axes = axes_in(figure, place, frame=True)
    axes.imshow(shown, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    weak = np.argwhere(pair.z[np.ix_(regions, words)] < Z_CLEAR)
    axes.scatter(weak[:, 1], weak[:, 0], s=3, color="#8a8a8a", linewidths=0)
    axes.set_xlim(-0.5, len(words) - 0.5)
    axes.set_ylim(len(regions) - 0.5, -0.5)
    names = [drawable(shortened(pair.text.words[word].text, 14)) for word in words]
    axes.set_xticks(range(len(words)), names, rotation=40, ha="left", rotation_mode="anchor", fontsize=9)
    axes.set_yticks(range(len(regions)), [str(n + 1) for n in range(len(regions))], fontsize=9)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0, labelcolor=INK)
    for label in axes.get_xticklabels():
        label.set_fontfamily(list(families()))
        label.set_parse_math(False)
    axes.spines[:].set_visible(False)
    foot_box = Box(box.x + left, place.y + height + 0.12, box.width - left, 0.3)
    colour_bar(figure, foot_box, limit, "score that a region and a word bring only together")
    note = axes_in(figure, Box(box.x + left, foot_box.y + 0.3, box.width - left, 0.25))
    write(note, 0, 0, _note(pair, len(regions), len(words)), fontsize=7.5, color=MUTED)


def _note(pair: PairPicture, n_regions: int, n_words: int) -> str:
    said = [f"{n_regions} of {pair.image.n_segments} regions, largest sums first"]
    if n_words < pair.text.n_segments:
        said.append(f"{n_words} of {pair.text.n_segments} words")
    no_errors = bool(np.isnan(pair.errors).all())
    said.append("no standard errors" if no_errors else "dot: below 2 standard errors")
    return "; ".join(said) + "."
