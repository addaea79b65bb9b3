import re

from ilime_core.encoders.truncation import truncated_flags


class Words:
    """One token a character of a word, two special tokens; nothing is embedded."""

    dim = 0
    mask_word = "x"

    def __init__(self, context_length):
        self.context_length = context_length
        self.asked = 0

    def tokenise(self, texts):
        self.asked += 1
        return [[1, *(2 for letter in text if letter != " "), 0] for text in texts]

    def token_spans(self, text):
        raise NotImplementedError

    def encode(self, rows, width=None):
        raise NotImplementedError


def spans(text):
    return [match.span() for match in re.finditer(r"\w+", text)]


def test_words_are_visible_while_all_their_tokens_fit():
    text = "one two three four"
    for room, wanted in [(15, 0), (14, 1), (11, 1), (10, 2), (6, 2), (5, 3), (3, 3), (2, 4)]:
        flags = truncated_flags(text, spans(text), Words(room + 2))
        assert sum(flags) == wanted
        assert flags == sorted(flags)


def test_a_thousand_words_are_searched_by_halving():
    text = "ab " * 1000
    words = Words(77)
    flags = truncated_flags(text, spans(text), words)
    assert flags.index(True) == 37
    assert words.asked <= 12


def test_a_text_without_words_has_no_flags():
    assert truncated_flags("...", [], Words(1)) == []
