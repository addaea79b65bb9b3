"""Captions for HTML: words with the class of their colour."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from tasks.figures.caption import fragments
from tasks.figures.colours import step_of
from tasks.figures.item_pictures import TextPicture

__all__ = ["TintedWord", "tint_class", "tinted_words"]


@dataclass(frozen=True, slots=True)
class TintedWord:
    """A stretch of a caption as the templates write it."""

    text: str
    tint: str | None
    """Class in the style sheet; None for text between words."""
    hint: str = ""


def tinted_words(
    text: TextPicture, values: Float[np.ndarray, " words"], limit: float
) -> tuple[TintedWord, ...]:
    """The whole caption; joined, the texts are the caption again.

    Parameters
    ----------
    text
        Caption and its words.
    values
        One value per word.
    limit
        End of the symmetric colour scale, above 0.

    Returns
    -------
    tuple of TintedWord
        Words and the text between them, in order.
    """
    return tuple(
        TintedWord(piece.text, None)
        if piece.word is None
        else TintedWord(
            piece.text, tint_class(float(values[piece.word]), limit), f"{values[piece.word]:+.4f}"
        )
        for piece in fragments(text)
    )


def tint_class(value: float, limit: float) -> str:
    """Class of a value in the style sheet.

    Parameters
    ----------
    value
        Value, of either sign.
    limit
        End of the symmetric colour scale, above 0.

    Returns
    -------
    str
        ``pos1`` to ``pos5``, ``neg1`` to ``neg5``, or ``zero``.
    """
    step = step_of(value, limit)
    return "zero" if step == 0 else f"pos{step}" if step > 0 else f"neg{-step}"
