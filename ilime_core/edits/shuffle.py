"""Edit of order: the words of a caption shuffled."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited

__all__ = ["shuffle_words"]

_TRIES = 64


def shuffle_words(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Put the words into another order; what stands between them stays where it is.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Draws the order, again while it reads as before.

    Returns
    -------
    Edited or None
        Category all; None for a caption without two different words.
    """
    count = len(caption.spans)
    words = [caption.normal(number) for number in range(count)]
    if len(set(words)) < 2:
        return None
    for _ in range(_TRIES):
        order = rng.permutation(count).tolist()
        if [words[place] for place in order] != words:
            new = {number: caption.word(place) for number, place in enumerate(order)}
            return Edited(caption.with_words(new), "all")
    return None  # two words of the very same kind are drawn in place: never in practice
