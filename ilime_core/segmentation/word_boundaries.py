"""Words of a text by Unicode's default word boundaries, in code points."""

import unicodedata
from collections.abc import Sequence

import regex

__all__ = ["Spans", "normalise_word", "word_spans"]

Spans = Sequence[tuple[int, int]]
"""First and one past the last code point, in order, not overlapping."""

_PIECE = regex.compile(r"(?w).+?\b", flags=regex.V1 | regex.DOTALL)

# Pictographs that are punctuation or marks of trade are not words: (c), (r), TM, !!, !?, wavy dash.
_WORDLIKE = regex.compile(
    r"[[\p{L}\p{N}\p{Extended_Pictographic}\p{Regional_Indicator}]--[©®™‼⁉〰]]", flags=regex.V1
)

# South-East Asian scripts without spaces: the default rules cut them inside their syllables.
_SYLLABIC = regex.compile(r"[\p{Thai}\p{Lao}\p{Khmer}\p{Myanmar}]+")

# A syllable's vowel may precede (Thai, Lao) or follow its consonant; neither is a unit alone.
_UNIT = regex.compile(
    r"[\u0E40-\u0E44\u0EC0-\u0EC4]*\X[\u0E30\u0E32\u0E33\u0E45\u0EB0\u0EB2\u0EB3\u102B\u102C\u1038]*"
)


def word_spans(text: str) -> list[tuple[int, int]]:
    """Find the words of a text.

    Boundaries follow Unicode Standard Annex 29: apostrophes and decimal points stay inside words, hyphens
    separate words, an emoji sequence is one word, Chinese characters and hiragana are one word each (runs of
    katakana stay whole). Thai, Lao, Khmer and Burmese, which need a dictionary, are cut into written units of
    a consonant with its vowels and marks. Punctuation and spaces are no words.

    Returns
    -------
    Spans in code points, in the order of the text's storage (for right-to-left scripts: of reading).
    """
    spans: list[tuple[int, int]] = []
    end_of_syllables = 0
    for piece in _PIECE.finditer(text):
        start, end = piece.span()
        if start < end_of_syllables or not _WORDLIKE.search(piece.group()):
            continue
        syllables = _SYLLABIC.match(text, start)
        if syllables is None:
            spans.append((start, end))
            continue
        spans.extend(unit.span() for unit in _UNIT.finditer(text, start, syllables.end()))
        end_of_syllables = syllables.end()
    return spans


def normalise_word(word: str) -> str:
    """Case-folded compatibility form (NFKC), under which equal words are grouped."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", word).casefold())
