"""Edit of nouns: two of one caption exchanged."""

import numpy as np

from ilime_core.edits.caption import EditableCaption, Edited, like_written

__all__ = ["noun_places", "swap_nouns"]

_DETERMINERS = frozenset(
    {"a", "an", "the", "this", "that", "these", "those"}
    | {"his", "her", "its", "their", "my", "our", "your"}
    | {"some", "any", "each", "every", "another"}
)
_WITHIN = frozenset({"content", "colour", "size", "material", "number"})
"""Classes of words that may stand between a determiner and its noun."""
_JOINING = frozenset({"and", "or"})


def swap_nouns(caption: EditableCaption, rng: np.random.Generator) -> Edited | None:
    """Exchange the first two different nouns; a and an before them follow the first letter.

    Nouns that are only listed, like those of "a man and a woman", are not exchanged: "a woman and a man" is
    as right.

    Parameters
    ----------
    caption
        Right caption.
    rng
        Not read: nothing is drawn.

    Returns
    -------
    Edited or None
        Category swap; None for a caption without two nouns by the rule of `noun_places`.
    """
    del rng
    places = noun_places(caption)
    first = next(iter(places), None)
    if first is None:
        return None
    apart = [one for one in places if not _are_listed(caption, first, one)]
    other = next((one for one in apart if caption.normal(one) != caption.normal(first)), None)
    if other is None:
        return None
    words = {first: caption.word(other), other: caption.word(first)}
    new = {number: like_written(word, caption.word(number)) for number, word in words.items()}
    for number, word in words.items():
        if number and caption.normal(number - 1) in {"a", "an"}:
            article = "an" if word[:1].lower() in "aeiou" else "a"
            new[number - 1] = like_written(article, caption.word(number - 1))
    return Edited(caption.with_words(new), "swap")


def noun_places(caption: EditableCaption) -> list[int]:
    """Numbers of the words that are taken for nouns.

    A noun is the last word of class content in a run of words that follows a determiner or a number and is
    made of content words, colours, sizes, materials and numbers, with nothing but spaces or hyphens between
    them. So "a small dog on the grass" has dog and grass, and "dogs on grass" has none: it is a rule of word
    classes that misses nouns, and takes an adverb at the end of such a run for one.

    Parameters
    ----------
    caption
        Right caption.

    Returns
    -------
    list of int
        In order.
    """
    found: list[int] = []
    number = 0
    while number < len(caption.spans):
        if caption.normal(number) not in _DETERMINERS and caption.classes[number] != "number":
            number += 1
            continue
        last = None
        number += 1
        while (
            number < len(caption.spans) and caption.classes[number] in _WITHIN and _touches(caption, number)
        ):
            last = number if caption.classes[number] == "content" else last
            number += 1
        found += [] if last is None else [last]
    return found


def _are_listed(caption: EditableCaption, first: int, other: int) -> bool:
    """True where only determiners, nouns, and, or stand between two nouns, and none has an attribute."""
    known = _DETERMINERS | _JOINING
    nouns = noun_places(caption)
    between = [number for number in range(first + 1, other) if number not in nouns]
    bare = first > 0 and caption.normal(first - 1) in _DETERMINERS
    return bare and all(caption.normal(number) in known for number in between)


def _touches(caption: EditableCaption, number: int) -> bool:
    between = caption.text[caption.spans[number - 1][1] : caption.spans[number][0]]
    return not between.strip(" -\t\n")
