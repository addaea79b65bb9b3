"""Texts with some of their words removed."""

from typing import Literal

import numpy as np
from jaxtyping import Bool

from ilime_core.errors import InputError
from ilime_core.perturbation.text_gaps import Piece, join_gap, split_gap
from ilime_core.segmentation.word_boundaries import word_spans
from ilime_core.view_records import TextSegments

__all__ = ["TextRemoval", "remove_words"]

TextRemoval = Literal["drop", "mask"]


def remove_words(
    segments: TextSegments, masks: Bool[np.ndarray, "samples segments"], method: TextRemoval, mask_word: str
) -> list[str]:
    """Write the text of every coalition.

    The full coalition gives the original text, the empty one of ``drop`` the empty text. As soon as any word
    is removed, the text ends after its last visible word: otherwise shorter texts would move truncated words
    into the context, where the full text does not show them.

    Parameters
    ----------
    segments
        Words of one text.
    masks
        True keeps the word; one column per visible word.
    method
        ``drop`` cuts words out (later words move forward) and tidies the gaps: spaces collapse,
        emptied brackets and doubled marks vanish, hyphens go with their words. ``mask`` writes ``mask_word``
        in their place and leaves all else.
    mask_word
        What ``mask`` writes; not empty then.

    Returns
    -------
    list of str
        One text per row of ``masks``.

    Raises
    ------
    InputError
        If the masks have not one column per visible word, or the mask word is blank.
    """
    if masks.shape[1] != segments.n_segments:
        raise InputError(
            f"the masks have {masks.shape[1]} columns, the text {segments.n_segments} visible words"
        )
    if method == "mask" and not mask_word.strip():
        raise InputError("the method mask needs a word to write; got an empty mask_word")
    writer = _Writer(segments)
    texts: list[str] = []
    for row in masks:
        if row.all():
            texts.append(segments.text)
        elif method == "drop":
            texts.append(writer.drop(np.flatnonzero(row).tolist()))
        else:
            texts.append(writer.mask(row.tolist(), mask_word))
    return texts


class _Writer:
    """Visible words of a text and the gaps between them."""

    def __init__(self, segments: TextSegments) -> None:
        n = segments.n_segments
        starts, ends = segments.starts[:n], segments.ends[:n]
        truncated = n < len(segments.starts)
        tail_end = ends[-1] if truncated and n else len(segments.text)
        bounds = [0, *(edge for span in zip(starts, ends, strict=True) for edge in span), tail_end]
        self._words = [segments.text[a:b] for a, b in zip(starts, ends, strict=True)]
        self._gaps = [segments.text[a:b] for a, b in zip(bounds[::2], bounds[1::2], strict=True)]
        self._pieces: list[list[Piece]] = [
            split_gap(gap, index - 1 if index else None, index if index < n else None)
            for index, gap in enumerate(self._gaps)
        ]
        # Between neighbours the text is as written.
        self._joined = {(index - 1, index): gap for index, gap in enumerate(self._gaps)}

    def drop(self, kept: list[int]) -> str:
        if not kept:
            return ""
        parts: list[str] = []
        left = -1
        for right in kept:
            parts += (self._between(left, right), self._words[right])
            left = right
        parts.append(self._between(left, len(self._words)))
        return "".join(parts)

    def mask(self, row: list[bool], mask_word: str) -> str:
        written = self._gaps[0]
        for index, keep in enumerate(row):
            gap = self._gaps[index + 1]
            # Words of scripts without spaces touch; two mask words in a row must stay two words.
            if not gap and index + 1 < len(row) and not (keep and row[index + 1]):
                gap = " "
            written += (self._words[index] if keep else mask_word) + gap
        return written

    def _between(self, left: int, right: int) -> str:
        known = self._joined.get((left, right))
        if known is None:
            known = self._joined[left, right] = self._join(left, right)
        return known

    def _join(self, left: int, right: int) -> str:
        at_start, at_end = left < 0, right == len(self._words)
        pieces = [piece for gap in self._pieces[left + 1 : right + 1] for piece in gap]
        gap = join_gap(pieces, None if at_start else left, None if at_end else right)
        fuses = not at_start and not at_end and self._fuse(left, gap, right)
        return f"{gap} " if fuses else gap

    def _fuse(self, left: int, gap: str, right: int) -> bool:
        return len(word_spans(self._words[left] + gap + self._words[right])) == 1
