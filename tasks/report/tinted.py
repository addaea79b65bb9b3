"""Captions for HTML: words with the class of their colour."""

from dataclasses import dataclass

from tasks.figures.colours import step_of

__all__ = ["TintedWord", "tint_class"]


@dataclass(frozen=True, slots=True)
class TintedWord:
    """A stretch of a caption as the templates write it."""

    text: str
    tint: str | None
    """Class in the style sheet; None for text between words."""
    hint: str = ""


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
