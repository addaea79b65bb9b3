"""A pair on one sheet: what the model sees, which words and regions answer each other, and why."""

import textwrap

from matplotlib.figure import Figure

from tasks.figures.alike.alike_figure import alike_height, draw_alike
from tasks.figures.canvas import MUTED, Box, axes_in, colour_bar, new_figure, png_bytes, write
from tasks.figures.caption import draw_caption
from tasks.figures.choice import shown_factors, shown_regions
from tasks.figures.colours import symmetric_limit
from tasks.figures.factors import draw_factors
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.lettering import shortened
from tasks.figures.margins import draw_margin, margin_height
from tasks.figures.matrix import draw_matrix
from tasks.figures.pair_picture import PairPicture
from tasks.figures.photo import draw_numbered, seen_sentence
from tasks.figures.word_heats import draw_word_heats

__all__ = ["pair_figure", "pair_sentences", "pair_title"]

_WIDTH, _EDGE = 12.0, 0.2
_HEAD, _PAIR, _HEATS, _FACTORS = 0.85, 5.1, 3.1, 4.2


def pair_figure(pair: PairPicture) -> bytes:
    """PNG of a whole pair; equal records give equal bytes."""
    margins = pair.margins[:2] if pair.is_error else ()
    inner = _WIDTH - 2 * _EDGE
    body = alike_height(pair, inner) if pair.is_alike else _captioned_height(pair)
    below = sum(margin_height(margin) + 0.2 for margin in margins)
    figure = new_figure(_WIDTH, _HEAD + body + below + 0.3)
    _head(figure, Box(_EDGE, 0.12, inner, _HEAD), pair)
    y = 0.12 + _HEAD
    draw = draw_alike if pair.is_alike else _draw_captioned
    draw(figure, Box(_EDGE, y, inner, body), pair)
    y += body
    for margin in margins:
        draw_margin(figure, Box(_EDGE, y + 0.2, inner, margin_height(margin)), margin)
        y += margin_height(margin) + 0.2
    return png_bytes(figure)


def _captioned_height(pair: PairPicture) -> float:
    return _PAIR + _HEATS + (_FACTORS if shown_factors(pair) else 0.0)


def _draw_captioned(figure: Figure, box: Box, pair: PairPicture) -> None:
    y, inner = box.y, box.width
    shown = draw_numbered(figure, Box(_EDGE, y, 5.2, _PAIR - 0.5), pair.image, shown_regions(pair))
    _note(figure, Box(_EDGE, y + shown + 0.06, 5.2, 0.3), seen_sentence(pair.image))
    _caption(figure, Box(_EDGE + 5.5, y, inner - 5.5, 1.1), pair)
    draw_matrix(figure, Box(_EDGE + 5.5, y + 1.1, inner - 5.5, _PAIR - 1.3), pair)
    y += _PAIR
    draw_word_heats(figure, Box(_EDGE, y, inner, _HEATS - 0.1), pair)
    y += _HEATS
    if shown_factors(pair):
        draw_factors(figure, Box(_EDGE, y + 0.1, inner, _FACTORS - 0.2), pair)


def pair_sentences(pair: PairPicture) -> list[str]:
    """Sentences that say what the numbers of a pair mean."""
    said = [f"Score {pair.score:.3f}; {_kind(pair)}." if pair.relation else f"Score {pair.score:.3f}."]
    if pair.rank_of_right is not None and pair.rank_of_left is not None:
        left, right = ("query", "candidate") if pair.is_alike else ("photograph", "caption")
        said.append(
            f"The {right} is number {pair.rank_of_right} among the {left}'s candidates, the {left} "
            f"number {pair.rank_of_left} among the {right}'s."
        )
    if pair.joint.explained is not None:
        said.append(f"The matrix {pair.joint.sentence(pair.sides.both)}.")
    if pair.split_half_error is not None:
        said.append(f"Halves of the masks differ by {pair.split_half_error:.0%} of the matrix.")
    return said


def pair_title(pair: PairPicture) -> str:
    """Name of a captioned photograph, or of both items."""
    if not pair.is_alike:
        return shortened(pair.image.title, 60)
    names = (one.title if isinstance(one, ImagePicture) else one.caption for one in (pair.left, pair.right))
    return " \N{EN DASH} ".join(shortened(name, 44) for name in names)


def _kind(pair: PairPicture) -> str:
    if pair.is_positive:
        return "a match of the corpus"
    if pair.is_error:
        return "no match, but ranked above the correct one"
    return f"no match ({pair.relation.replace('_', ' ')})"


def _head(figure: Figure, box: Box, pair: PairPicture) -> None:
    axes = axes_in(figure, box)
    write(axes, 0, 0, pair_title(pair), fontsize=13, weight="bold")
    sentences = textwrap.fill(" ".join(pair_sentences(pair)), 165)
    for row, line in enumerate(sentences.splitlines()[:3]):
        write(axes, 0, 0.28 + 0.18 * row, line, fontsize=8.5, color=MUTED)


def _note(figure: Figure, box: Box, text: str) -> None:
    axes = axes_in(figure, box)
    for row, line in enumerate(textwrap.wrap(text, 90)[:2]):
        write(axes, 0, 0.16 * row, line, fontsize=7.5, color=MUTED)


def _caption(figure: Figure, box: Box, pair: PairPicture) -> None:
    limit = symmetric_limit(pair.right_net)
    draw_caption(figure, Box(box.x, box.y, box.width, box.height - 0.4), pair.text, pair.right_net, limit)
    bar = Box(box.x + 0.1, box.y + box.height - 0.33, box.width - 0.1, 0.3)
    colour_bar(figure, bar, limit, "a word's sum over all regions")
