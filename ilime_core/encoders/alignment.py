"""Where the characters of a cleaned text stood in the original."""

from difflib import SequenceMatcher

__all__ = ["Alignment"]


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
        matcher = SequenceMatcher(None, folded, cleaned.lower(), autojunk=False)
        for _, start, end, clean_start, clean_end in matcher.get_opcodes():
            n_clean = clean_end - clean_start
            same = end - start == n_clean
            self._starts += [start + at if same else start for at in range(n_clean)]
            self._ends += [start + at + 1 if same else end for at in range(n_clean)]

    def original_span(self, start: int, end: int) -> tuple[int, int]:
        """Code-point span of the original behind ``cleaned[start:end]``; empty spans stay empty."""
        if start >= end:
            at = self._ends[start - 1] if start else 0
            return at, at
        return self._starts[start], max(self._ends[end - 1], self._starts[start])
