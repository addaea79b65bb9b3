"""Lexicon of word classes: a closed list of words, each of one class; every other word is content."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import regex

from ilime_core.errors import InputError
from ilime_core.near_names import did_you_mean
from ilime_core.segmentation.word_boundaries import Spans, normalise_word, word_spans

__all__ = ["WORD_CLASSES", "Lexicon", "english_lexicon", "parse_lexicon", "segment_classes"]

WORD_CLASSES = (
    "number",
    "negation",
    "colour",
    "size",
    "material",
    "spatial",
    "action",
    "content",
    "function",
)
"""From the most specific to the least: a segment of several words is of the first class that one has."""

_CONTENT, _FUNCTION = "content", "function"
_DIGITS = regex.compile(r"\p{N}+([.,:/'\u2019]\p{N}+)*(st|nd|rd|th)?")
_HEADER = ("word", "class")


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Classes of words.

    Attributes
    ----------
    classes
        Class by normalised word.
    """

    classes: Mapping[str, str]

    def of_word(self, word: str) -> str:
        """Class of one word: that of its entry, number if it is digits, else content.

        Parameters
        ----------
        word
            As written; case and kind of apostrophe do not count.

        Returns
        -------
        str
            One of `WORD_CLASSES`.
        """
        known = self.classes.get(_normalised(word))
        return known or ("number" if _DIGITS.fullmatch(word) else _CONTENT)

    def of_words(self, words: Sequence[str]) -> str:
        """Most specific class of several words.

        Parameters
        ----------
        words
            As written.

        Returns
        -------
        str
            One of `WORD_CLASSES`; function without any word.
        """
        found = {self.of_word(word) for word in words}
        return next((name for name in WORD_CLASSES if name in found), _FUNCTION)


def segment_classes(text: str, spans: Spans, lexicon: Lexicon) -> list[str]:
    """Word class of each segment of a text: the most specific one of the words that it overlaps.

    A token is therefore of the class of the word that it is a part of.

    Parameters
    ----------
    text
        The text as written.
    spans
        Segments in code points, in order.
    lexicon
        Classes of words.

    Returns
    -------
    list of str
        One of `WORD_CLASSES` for each segment; function where it holds no word, as of punctuation.
    """
    words = word_spans(text)
    return [
        lexicon.of_words([text[first:last] for first, last in words if first < end and last > start])
        for start, end in spans
    ]


def parse_lexicon(text: str, place: str) -> Lexicon:
    """Read a lexicon: a word, a tabulator and its class on each line.

    Empty lines and lines that begin with # are comments; a first line ``word<TAB>class`` is a header.

    Parameters
    ----------
    text
        Content of the file.
    place
        Name of the file, for messages.

    Returns
    -------
    Lexicon
        Classes by normalised word.

    Raises
    ------
    InputError
        If a line is no word with one of `WORD_CLASSES`, a word has two classes, or there is no word; the
        message names the line.
    """
    classes: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = tuple(cell.strip() for cell in line.split("\t"))
        if cells == _HEADER and not classes:
            continue
        word, name = _entry(cells, f"{place}, line {number}")
        if classes.setdefault(word, name) != name:
            message = f"{word!r} is {classes[word]} in an earlier line, and {name} in this one"
            raise InputError(f"{place}, line {number}: {message}")
    if not classes:
        raise InputError(f"{place}: has no word; needed are lines of a word, a tabulator and its class")
    return Lexicon(classes)


@cache
def english_lexicon() -> Lexicon:
    """The packaged lexicon of English words, read once a process."""
    source = files("ilime_core.segmentation") / "english.tsv"
    return parse_lexicon(source.read_text(encoding="utf-8"), "english.tsv")


def _entry(cells: tuple[str, ...], place: str) -> tuple[str, str]:
    if len(cells) != len(_HEADER):
        raise InputError(f"{place}: got {len(cells)} cells; needed are a word, a tabulator and its class")
    word, name = cells
    if name not in WORD_CLASSES:
        hint = did_you_mean(name, WORD_CLASSES)
        raise InputError(f"{place}: {name!r} is no class{hint or '.'} Known: {', '.join(WORD_CLASSES)}.")
    if len(word_spans(word)) != 1 or any(character.isspace() for character in word):
        raise InputError(f"{place}: {word!r} is not one word")
    return _normalised(word), name


def _normalised(word: str) -> str:
    return normalise_word(word).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
