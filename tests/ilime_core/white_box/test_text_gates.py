"""Tokens find their words; what is no word, or is cut off, has no gate."""

from dataclasses import replace

import pytest
from gated_items import segments_of

from ilime_core.errors import InputError
from ilime_core.records import TextSegments
from ilime_core.white_box.text_gates import gate_words


class Letters:
    """A tokenizer of letters between 1 and 2; signs are tokens, too."""

    context_length = 10
    mask_word = "xy"
    dim = 4

    def tokenise(self, texts):
        return [[1, *(ord(letter) for letter in text if letter != " "), 2] for text in texts]

    def token_spans(self, text):
        return [(at, at + 1) for at, letter in enumerate(text) if letter != " "]

    def encode(self, rows, width=None):
        raise NotImplementedError


def test_every_token_of_a_word_has_its_gate():
    found = gate_words(Letters(), segments_of("ab, c!"))
    assert found.row == (1, *map(ord, "ab,c!"), 2)
    assert found.words == (-1, 0, 0, -1, 1, -1, -1)
    assert found.substitute == tuple(map(ord, "xy"))
    assert found.n_segments == 2


def test_a_cut_row_keeps_its_end_and_words_beyond_it_have_no_gate():
    text = "abc de fghij"
    segments = replace(segments_of(text), truncated=(False, False, True))
    found = gate_words(Letters(), segments)
    assert found.row == (1, *map(ord, "abcdefgh"), 2)
    assert found.words == (-1, 0, 0, 0, 1, 1, -1, -1, -1, -1)
    assert found.n_segments == 2


def test_a_text_without_visible_words_is_refused():
    with pytest.raises(InputError, match="at least one visible word"):
        gate_words(Letters(), TextSegments("!", (), (), ()))


def test_rows_of_an_unknown_build_are_refused():
    class Odd(Letters):
        def tokenise(self, texts):
            return [[1, *row, 2, 2] if len(row) > 6 else row for row in super().tokenise(texts)]

    with pytest.raises(InputError, match="cannot be gated"):
        gate_words(Odd(), segments_of("abc de fghij"))
