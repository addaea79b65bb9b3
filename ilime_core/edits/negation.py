"""Edit of negation: a negation left out."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited, like_written

__all__ = ["drop_negation"]

_LEFT_OUT = frozenset({"not", "never", "no", "n't"})
_REPLACED = {
    "without": "with",
    "cannot": "can",
    "can't": "can",
    "won't": "will",
    "shan't": "shall",
    "ain't": "is",
}


def drop_negation(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Leave the first negation out: not, never, no, n't; without becomes with, and cannot can.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Not read: nothing is drawn.

    Returns
    -------
    Edited or None
        Category drop; None for a caption without one of these words.
    """
    del rng
    for number in range(len(caption.spans)):
        word = caption.normal(number)
        if word in _LEFT_OUT:
            return _edited(caption.with_words({number: ""}))
        positive = _REPLACED.get(word, word.removesuffix("n't"))
        if positive != word:
            return _edited(caption.with_words({number: like_written(positive, caption.word(number))}))
    return None


def _edited(text: str) -> Edited | None:
    """None where nothing is left."""
    return Edited(text, "drop") if text.strip() else None
