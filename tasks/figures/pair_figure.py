"""A pair on one sheet: what the model sees, which words and regions answer each other, and why."""

import textwrap

from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, Box, axes_in, colour_bar, new_figure, png_bytes, write
from tasks.figures.caption import draw_caption
from tasks.figures.choice import shown_factors, shown_regions
from tasks.figures.colours import symmetric_limit
from tasks.figures.factors import draw_factors
from tasks.figures.lettering import shortened
from tasks.figures.margins import draw_margin
from tasks.figures.matrix import draw_matrix
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_numbered, seen_sentence
from tasks.figures.word_heats import draw_word_heats

__all__ = ["pair_figure", "pair_sentences"]

_WIDTH, _EDGE = 12.0, 0.2
_HEAD, _PAIR, _HEATS, _FACTORS, _MARGIN = 0.85, 5.1, 3.1, 4.2, 3.4


def pair_figure(pair: PairPicture) -> bytes:
    """PNG of a whole pair; equal records give equal bytes."""
    margins = pair.margins[:2] if pair.is_error else ()
    factors = _FACTORS if shown_factors(pair) else 0.0
    height = _HEAD + _PAIR + _HEATS + factors + (_MARGIN + 0.2) * len(margins) + 0.3
    figure = new_figure(_WIDTH, height)
    inner = _WIDTH - 2 * _EDGE
    _head(figure, Box(_EDGE, 0.12, inner, _HEAD), pair)
    y = 0.12 + _HEAD
    shown = draw_numbered(figure, Box(_EDGE, y, 5.2, _PAIR - 0.5), pair.image, shown_regions(pair))
    _note(figure, Box(_EDGE, y + shown + 0.06, 5.2, 0.3), seen_sentence(pair.image))
    _caption(figure, Box(_EDGE + 5.5, y, inner - 5.5, 1.1), pair)
    draw_matrix(figure, Box(_EDGE + 5.5, y + 1.1, inner - 5.5, _PAIR - 1.3), pair)
    y += _PAIR
    draw_word_heats(figure, Box(_EDGE, y, inner, _HEATS - 0.1), pair)
    y += _HEATS
    if factors:
        draw_factors(figure, Box(_EDGE, y + 0.1, inner, factors - 0.2), pair)
        y += factors
    for margin in margins:
        draw_margin(figure, Box(_EDGE, y + 0.2, inner, _MARGIN), margin)
        y += _MARGIN + 0.2
    return png_bytes(figure)


def pair_sentences(pair: PairPicture) -> list[str]:
    """What the numbers of a pair mean, one sentence each."""
    said = [f"Score {pair.score:.3f}; {_kind(pair)}."]
    if pair.rank_of_caption is not None and pair.rank_of_image is not None:
        said.append(
            f"The caption is number {pair.rank_of_caption} among the photograph's candidates, the photograph "
            f"number {pair.rank_of_image} among the caption's."
        )
    if pair.r2_cross is not None:
        said.append(f"The matrix explains {pair.r2_cross:.0%} of what image and caption do together")
    if pair.r2_cross is not None and pair.share_cross is not None:
        said[-1] += f", which is {pair.share_cross:.0%} of how the score varies when parts are removed"
    if pair.r2_cross is not None:
        said[-1] += "."
    if pair.split_half_error is not None:
        said.append(f"Halves of the masks differ by {pair.split_half_error:.0%} of the matrix.")
    return said


def _kind(pair: PairPicture) -> str:
    if pair.is_positive:
        return "a match of the corpus"
    if pair.is_error:
        return "no match, but ranked above the right one"
    return f"no match ({pair.relation.replace('_', ' ')})"


def _head(figure: Figure, box: Box, pair: PairPicture) -> None:
    axes = axes_in(figure, box)
    write(axes, 0, 0, shortened(pair.image.title, 60), fontsize=13, weight="bold")
    sentences = textwrap.fill(" ".join(pair_sentences(pair)), 165)
    for row, line in enumerate(sentences.splitlines()[:3]):
        write(axes, 0, 0.28 + 0.18 * row, line, fontsize=8.5, color=MUTED)


def _note(figure: Figure, box: Box, text: str) -> None:
    axes = axes_in(figure, box)
    for row, line in enumerate(textwrap.wrap(text, 90)[:2]):
        write(axes, 0, 0.16 * row, line, fontsize=7.5, color=MUTED)


def _caption(figure: Figure, box: Box, pair: PairPicture) -> None:
    limit = symmetric_limit(pair.word_net)
    draw_caption(figure, Box(box.x, box.y, box.width, box.height - 0.4), pair.text, pair.word_net, limit)
    bar = Box(box.x + 0.1, box.y + box.height - 0.33, box.width - 0.1, 0.3)
    colour_bar(figure, bar, limit, "a word's sum over all regions")
