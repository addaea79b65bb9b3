"""Edit of a number: the first one replaced by another."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited, like_written

__all__ = ["NUMBERS", "change_number"]

NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Words that are replaced, and that replace; one is often no number."""

_DIGITS = tuple(str(number) for number in range(2, 11))


def change_number(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Replace the first number from two to ten, in words or digits, by another one of the same kind.

    Numbers that a caption of the image names, in words or digits, are not drawn.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Draws the number, which no caption of the image names.

    Returns
    -------
    Edited or None
        Category word or digits; None for a caption without such a number, or whose image has all.
    """
    for number in range(len(caption.spans)):
        for known, category in ((NUMBERS, "word"), (_DIGITS, "digits")):
            if caption.normal(number) in known:
                others = [known[place] for place in _free(caption)]
                if not others:
                    return None
                new = like_written(others[int(rng.integers(len(others)))], caption.word(number))
                return Edited(caption.with_words({number: new}), category)
    return None


def _free(caption: EditableCaption) -> list[int]:
    """Places of the numbers that no caption of the image names."""
    both = enumerate(zip(NUMBERS, _DIGITS, strict=True))
    return [place for place, names in both if caption.beside.isdisjoint(names)]
