"""W as a table of colours: regions down, words across."""

import numpy as np
from matplotlib.figure import Figure

from ilime_core.interactions.significance import LEVEL
from tasks.figures.canvas import INK, MUTED, Box, axes_in, colour_bar, write
from tasks.figures.choice import shown_regions, shown_words
from tasks.figures.colours import DIVERGING, symmetric_limit
from tasks.figures.lettering import drawable, families, shortened
from tasks.figures.links import SegmentNames
from tasks.figures.pair_picture import PairPicture

__all__ = ["draw_cells", "draw_matrix"]


def draw_matrix(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw the matrix of the shown regions and words.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    regions, words = shown_regions(pair), shown_words(pair)
    numbers = tuple(map(str, regions))
    texts = tuple(pair.text.words[word].text for word in words)
    draw_cells(
        figure,
        box,
        pair,
        SegmentNames(tuple(regions), numbers, pair.image.n_segments, "regions"),
        SegmentNames(tuple(words), texts, pair.text.n_segments, "words"),
    )


def draw_cells(
    figure: Figure, box: Box, pair: PairPicture, rows: SegmentNames, columns: SegmentNames
) -> None:
    """Draw the matrix of named rows and columns with its scale; a dot marks cells that may be 0.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    rows
        Left segments and their names.
    columns
        Right segments and their names.
    """
    regions, words = list(rows.segments), list(columns.segments)
    shown = pair.weights[np.ix_(regions, words)]
    limit = symmetric_limit(pair.weights)
    sides = [[drawable(shortened(name, 14)) for name in side.names] for side in (rows, columns)]
    top, left, foot = (0.85 if columns.kind == "words" else 0.3), 0.32, 0.62
    if rows.kind == "words":
        left = 0.25 + 0.085 * max(map(len, sides[0]), default=0)
    cell = min(
        0.5, (box.width - left) / max(len(words), 1), (box.height - top - foot) / max(len(regions), 1) * 1.6
    )
    height = min(0.3, (box.height - top - foot) / max(len(regions), 1)) * len(regions)
    place = Box(box.x + left, box.y + top, cell * len(words), height)
    axes = axes_in(figure, place, frame=True)
    axes.imshow(shown, cmap=DIVERGING, vmin=-limit, vmax=limit, aspect="auto", interpolation="nearest")
    weak = np.argwhere(pair.may_be_zero[np.ix_(regions, words)])
    axes.scatter(weak[:, 1], weak[:, 0], s=3, color="#8a8a8a", linewidths=0)
    axes.set_xlim(-0.5, len(words) - 0.5)
    axes.set_ylim(len(regions) - 0.5, -0.5)
    axes.set_xticks(range(len(words)), sides[1], fontsize=9)
    axes.set_yticks(range(len(regions)), sides[0], fontsize=9)
    axes.tick_params(top=True, labeltop=True, bottom=False, labelbottom=False, length=0, labelcolor=INK)
    for label in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        label.set_fontfamily(list(families()))
        label.set_parse_math(False)
    for label in axes.get_xticklabels() if columns.kind == "words" else ():
        label.set(rotation=40, ha="left", rotation_mode="anchor")
    axes.spines[:].set_visible(False)
    foot_box = Box(box.x + left, place.y + height + 0.12, box.width - left, 0.3)
    colour_bar(figure, foot_box, limit, _meaning(pair))
    note = axes_in(figure, Box(box.x + left, foot_box.y + 0.3, box.width - left, 0.25))
    write(note, 0, 0, _note(pair, rows, columns), fontsize=7.5, color=MUTED)


def _meaning(pair: PairPicture) -> str:
    row, column = pair.sides.one_segment
    both = f"a {row} and a {column}" if row != column else f"two {row}s"
    return f"score that {both} bring only together"


def _note(pair: PairPicture, rows: SegmentNames, columns: SegmentNames) -> str:
    if pair.is_alike:
        said = ["query down, candidate across"]
        fewer = [side for side in (rows, columns) if len(side.segments) < side.n_all]
        said += [f"{len(side.segments)} of {side.n_all} {side.kind}" for side in fewer]
    else:
        said = [f"{len(rows.segments)} of {rows.n_all} regions, largest sums first, numbered as in segments"]
        if len(columns.segments) < columns.n_all:
            said.append(f"{len(columns.segments)} of {columns.n_all} words")
    said.append(pair.untested or f"dot: does not differ from 0 at {LEVEL:.0%}, cell by cell")
    return "; ".join(said) + "."
