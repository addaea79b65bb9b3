"""Edit of a number: the first one replaced by another."""

import numpy as np

from ilime_core.edits.caption import Caption, Edited, like_written

__all__ = ["NUMBERS", "change_number"]

NUMBERS = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Words that are replaced, and that replace; one is often no number."""

_DIGITS = tuple(str(number) for number in range(2, 11))


def change_number(caption: Caption, rng: np.random.Generator) -> Edited | None:
    """Replace the first number from two to ten, in words or digits, by another one of the same kind.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Draws the number.

    Returns
    -------
    Edited or None
        Category word or digits; None for a caption without such a number.
    """
    for number in range(len(caption.spans)):
        for known, category in ((NUMBERS, "word"), (_DIGITS, "digits")):
            if caption.normal(number) in known:
                others = [one for one in known if one != caption.normal(number)]
                new = like_written(others[int(rng.integers(len(others)))], caption.word(number))
                return Edited(caption.with_words({number: new}), category)
    return None
