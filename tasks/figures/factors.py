"""The leading factors of W: a map of the photograph and the words that go with it."""

from matplotlib.figure import Figure

from tasks.figures.canvas import MUTED, Box, axes_in, colour_bar, write
from tasks.figures.caption import draw_caption
from tasks.figures.choice import FACTORS, shown_factors
from tasks.figures.colours import symmetric_limit
from tasks.figures.pair_picture import FactorPicture, PairPicture
from tasks.figures.photo import draw_heat

__all__ = ["draw_factors", "factor_sentence"]


def draw_factors(figure: Figure, box: Box, pair: PairPicture) -> None:
    """Draw each factor's weights of the regions over its weights of the words, on one scale.

    Parameters
    ----------
    figure
        Figure that is drawn into.
    box
        Place in the figure, in inches.
    pair
        The pair as read from the run.
    """
    chosen = pair.factors[: shown_factors(pair)]
    limit = symmetric_limit(*(side for factor in chosen for side in (factor.left, factor.right)))
    width = (box.width + 0.25) / FACTORS
    for place, factor in enumerate(chosen):
        x = box.x + place * width
        axes = axes_in(figure, Box(x, box.y, width - 0.25, 0.5))
        write(axes, 0, 0, f"factor {factor.component}", fontsize=11, weight="bold")
        write(axes, 0, 0.23, factor_sentence(factor), fontsize=7.5, color=MUTED)
        photo = Box(x, box.y + 0.45, width - 0.25, box.height - 1.7)
        draw_heat(figure, photo, pair.image, factor.left, limit)
        words = Box(x, box.y + box.height - 1.2, width - 0.25, 0.85)
        draw_caption(figure, words, pair.text, factor.right, limit)
    meaning = "regions and words of one colour raise the score together, those of opposite colours lower it"
    colour_bar(figure, Box(box.x + 0.1, box.y + box.height - 0.3, box.width - 0.1, 0.3), limit, meaning)


def factor_sentence(factor: FactorPicture) -> str:
    """Strength and share of a factor, and a warning where the next one is as strong."""
    said = f"strength {factor.strength:.3f}, {factor.energy:.0%} of the interaction"
    if factor.may_be_mixed:
        said += "; the next is as strong: may be mixed"
    return said
