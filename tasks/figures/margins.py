"""The segments that decided between the correct and the wrong candidate."""

import numpy as np
from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, WARNING, Box, axes_in, colour_bar, write
from tasks.figures.colours import symmetric_limit
from tasks.figures.item_pictures import ImagePicture
from tasks.figures.margin_pictures import EffectPicture, MarginPicture
from tasks.figures.photo import draw_item

__all__ = ["draw_margin", "margin_height", "margin_sentence", "margin_warning"]


def margin_height(margin: MarginPicture) -> float:
    """Height in inches that `draw_margin` needs; texts alone need less."""
    items = (side.item for side in (margin.query, margin.correct, margin.wrong))
    return 3.6 if any(isinstance(item, ImagePicture) for item in items) else 2.2


def draw_margin(figure: Figure, box: Box, margin: MarginPicture) -> None:
    """Draw the query, its correct candidate and the wrong one, all segments on one scale.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    margin
        One failed query.
    """
    sides = (
        ("query", margin.query),
        ("correct candidate", margin.correct),
        ("wrong candidate", margin.wrong),
    )
    limit = symmetric_limit(*(side.effects for _, side in sides))
    head = axes_in(figure, Box(box.x, box.y, box.width, 0.5))
    write(head, 0, 0, margin_sentence(margin), fontsize=10, weight="bold")
    write(head, 0, 0.22, margin_warning(margin), fontsize=9, weight="bold", color=WARNING)
    box = Box(box.x, box.y + 0.2, box.width, box.height - 0.2)
    width = (box.width + 0.25) / 3
    for place, (name, side) in enumerate(sides):
        x = box.x + place * width
        note = axes_in(figure, Box(x, box.y + 0.33, width - 0.25, 0.25))
        write(note, 0, 0, f"{name}: its segments sum to {side.effects.sum():+.3f}", fontsize=9, color=MUTED)
        where = Box(x, box.y + 0.58, width - 0.25, box.height - 1.0)
        draw_item(figure, where, side.item, _padded(side), limit)
    meaning = "red supports the correct candidate, blue the wrong one"
    colour_bar(figure, Box(box.x + 0.1, box.y + box.height - 0.3, box.width - 0.1, 0.3), limit, meaning)


def margin_sentence(margin: MarginPicture) -> str:
    """Name of the query, and the margin by which the wrong candidate won."""
    asked = "this photograph" if isinstance(margin.query.item, ImagePicture) else "this text"
    where = "above" if margin.margin < 0 else "below"
    return f"Asked with {asked}, the wrong candidate scored {abs(margin.margin):.3f} {where} the correct one"


def margin_warning(margin: MarginPicture) -> str:
    """Warning that a remainder exceeds the margin itself; empty where none does."""
    parts = (("the query", margin.remainders.query), ("the candidates", margin.remainders.candidates))
    beyond = [
        f"those of {name} leave out {remainder:+.3f}"
        for name, remainder in parts
        if remainder is not None and abs(remainder) > abs(margin.margin)
    ]
    if not beyond:
        return ""
    which = "The segments do" if len(beyond) == len(parts) else "Those segments do"
    return f"Segments leave out more than the margin: {' and '.join(beyond)}. {which} not say why it is so."


def _padded(side: EffectPicture) -> np.ndarray:
    """One value per segment: the record may hold fewer."""
    values = np.zeros(side.item.n_segments)
    values[: len(side.effects)] = side.effects
    return values
