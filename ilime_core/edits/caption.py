"""EditableCaption that is edited, and what an edit makes of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from ilime_core.segmentation.lexicon import english_lexicon
from ilime_core.segmentation.word_boundaries import normalise_word, word_spans

__all__ = ["EditableCaption", "Edited", "like_written", "same_words"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Edited:
    """A caption that differs in a known way from one that is right."""

    text: str
    category: str
    """Kind of the change, where an edit makes several."""


@dataclass(frozen=True, slots=True)
class EditableCaption:
    """A right caption of an image, cut into words."""

    text: str
    spans: tuple[Span, ...]
    """Words, in order."""
    classes: tuple[str, ...]
    """Class of each word in the packaged English lexicon."""
    beside: frozenset[str] = frozenset()
    """Normalised words of all right captions of the image."""

    @classmethod
    def of(cls, text: str, beside: frozenset[str] = frozenset()) -> "EditableCaption":
        """Cut a caption into words.

        Parameters
        ----------
        text
            The caption as written.
        beside
            Normalised words of the other captions of its image.

        Returns
        -------
        EditableCaption
            With the class of each word.
        """
        spans = tuple(word_spans(text))
        lexicon = english_lexicon()
        words = [text[start:end] for start, end in spans]
        own = frozenset(map(normalise_word, words))
        return cls(text, spans, tuple(map(lexicon.of_word, words)), own | beside)

    def word(self, number: int) -> str:
        """Word as written."""
        start, end = self.spans[number]
        return self.text[start:end]

    def normal(self, number: int) -> str:
        """Word in the form under which equal words are grouped, with a typewriter's apostrophe."""
        return normalise_word(self.word(number)).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")

    def with_words(self, words: Mapping[int, str]) -> str:
        """Text with some words replaced; an empty one takes the space before it along, else that behind it.

        Parameters
        ----------
        words
            New words by number.

        Returns
        -------
        str
            The text, all else unchanged.
        """
        text = self.text
        for number in sorted(words, reverse=True):
            start, end = self.spans[number]
            if not words[number]:
                if start and text[start - 1].isspace():
                    start -= 1
                elif end < len(text) and text[end].isspace():
                    end += 1
            text = text[:start] + words[number] + text[end:]
        return text


def like_written(word: str, place: str) -> str:
    """A word with a capital where the word in whose place it comes has one, else without.

    Parameters
    ----------
    word
        The new word.
    place
        The word that stood there.

    Returns
    -------
    str
        ``word``; one that has capitals inside, like a name in capitals, keeps them.
    """
    if word[1:] != word[1:].lower():
        return word
    first = word[:1].upper() if place[:1].isupper() else word[:1].lower()
    return first + word[1:]


def same_words(one: str, other: str) -> bool:
    """Compare two texts by their words in order, whatever their case and punctuation.

    Parameters
    ----------
    one, other
        Texts as written.

    Returns
    -------
    bool
        True if the words are the same.
    """
    cut = [[normalise_word(text[start:end]) for start, end in word_spans(text)] for text in (one, other)]
    return cut[0] == cut[1]
