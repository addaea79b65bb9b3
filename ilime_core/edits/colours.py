"""Edit of colours: two of them exchanged, or the only one replaced."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited, like_written

__all__ = ["COLOURS", "swap_colours"]

COLOURS = ("red", "green", "blue", "yellow", "black", "white", "brown", "orange", "pink", "purple", "grey")
"""English basic colour terms (B. Berlin, P. Kay, 1969), in place of a single colour."""

_ALIKE = {"gray": "grey"}
_JOINING = frozenset({"and", "or"})


def swap_colours(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Exchange the first two different colours, or replace the only one by another basic colour.

    Colours that stand beside each other, like those of "a black and white cat", are of one thing and are not
    exchanged: "a white and black cat" is as right.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Draws the colour that replaces a single one, which no caption of the image names.

    Returns
    -------
    Edited or None
        Category swap or replace; None for a caption without a colour.
    """
    places = [number for number, kind in enumerate(caption.classes) if kind == "colour"]
    if not places:
        return None
    first = places[0]
    apart = [one for one in places if not _are_of_one_thing(caption, first, one)]
    other = next((one for one in apart if _plain(caption, one) != _plain(caption, first)), None)
    if other is not None:
        words = {first: caption.word(other), other: caption.word(first)}
        new = {number: like_written(word, caption.word(number)) for number, word in words.items()}
        return Edited(caption.with_words(new), "swap")
    named = {_ALIKE.get(word, word) for word in caption.beside}
    free = [colour for colour in COLOURS if colour not in named]
    if not free:
        return None
    colour = free[int(rng.integers(len(free)))]
    new = {
        number: like_written(colour, caption.word(number))
        for number in places
        if _plain(caption, number) == _plain(caption, first)
    }
    return Edited(caption.with_words(new), "replace")


def _are_of_one_thing(caption: EditableCaption, first: int, other: int) -> bool:
    """True where only colours, and, or stand between two words."""
    return all(
        caption.classes[number] == "colour" or caption.normal(number) in _JOINING
        for number in range(first, other)
    )


def _plain(caption: EditableCaption, number: int) -> str:
    return _ALIKE.get(caption.normal(number), caption.normal(number))
