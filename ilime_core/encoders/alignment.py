"""Places of a cleaned text's characters in the original."""

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

__all__ = ["Alignment"]

_LONG = 1_000
"""Characters above which words are aligned first: the time of the matcher grows with the square."""

_WORD = re.compile(r"\s+|\S+")

_Block = tuple[int, int, int, int]
"""Start and end in the original, start and end in the cleaned text: both stand for the same."""


class Alignment:
    """Map from spans of a cleaned text (lower case, entities resolved, ...) to spans of the original.

    Parameters
    ----------
    original, cleaned
        The same text before and after cleaning. Characters that cleaning changed beyond recognition take the
        whole stretch of the original between their recognised neighbours.
    """

    def __init__(self, original: str, cleaned: str) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        folded = "".join(character.lower()[:1] for character in original)
        if folded == cleaned.lower():
            self._starts = list(range(len(cleaned)))
            self._ends = list(range(1, len(cleaned) + 1))
            return
        for start, end, clean_start, clean_end in _blocks(folded, cleaned.lower()):
            n_clean = clean_end - clean_start
            same = end - start == n_clean
            self._starts += [start + at if same else start for at in range(n_clean)]
            self._ends += [start + at + 1 if same else end for at in range(n_clean)]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Span of the original behind ``cleaned[start:end]``.

        Parameters
        ----------
        start, end
            Code points of the cleaned text.

        Returns
        -------
        tuple of int
            First code point and the one after the last; an empty span stays empty.
        """
        if start >= end:
            at = self._ends[start - 1] if start else 0
            return at, at
        return self._starts[start], max(self._ends[end - 1], self._starts[start])


def _blocks(original: str, cleaned: str) -> Iterator[_Block]:
    """Stretches of both texts that stand for the same, in order; together they are the whole texts."""
    if max(len(original), len(cleaned)) <= _LONG:
        yield from _by_character(original, cleaned, 0, 0)
        return
    words, clean_words = _WORD.findall(original), _WORD.findall(cleaned)
    # Frequent words are not used for alignment: of a repeated word the matcher would compare each with each.
    matcher = SequenceMatcher(None, words, clean_words, autojunk=True)
    at, clean_at = 0, 0
    for _, first, last, clean_first, clean_last in matcher.get_opcodes():
        pairs = [("".join(words[first:last]), "".join(clean_words[clean_first:clean_last]))]
        if last - first == clean_last - clean_first:
            pairs = list(zip(words[first:last], clean_words[clean_first:clean_last], strict=True))
        for word, clean in pairs:
            if max(len(word), len(clean)) <= _LONG:
                yield from _by_character(word, clean, at, clean_at)
            else:
                yield at, at + len(word), clean_at, clean_at + len(clean)
            at, clean_at = at + len(word), clean_at + len(clean)


def _by_character(original: str, cleaned: str, at: int, clean_at: int) -> Iterator[_Block]:
    matcher = SequenceMatcher(None, original, cleaned, autojunk=False)
    for _, start, end, clean_start, clean_end in matcher.get_opcodes():
        yield at + start, at + end, clean_at + clean_start, clean_at + clean_end
