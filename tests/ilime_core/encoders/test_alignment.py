import difflib

import pytest

from ilime_core.encoders import alignment
from ilime_core.encoders.alignment import Alignment

WORDS = [f"word{n % 70}" for n in range(300)]


def spans(original, cleaned):
    aligned = Alignment(original, cleaned)
    at, found = 0, []
    for word in cleaned.split(" "):
        found.append(original[slice(*aligned.original_span(at, at + len(word)))])
        at += len(word) + 1
    return found


def test_entities_take_their_whole_stretch_and_case_its_own():
    assert spans("A &lt; B  cat", "a < b cat") == ["A", "&lt;", "B", "cat"]


def test_words_of_long_texts_stand_where_they_stood():
    original = "  " + " \n ".join(word.upper() for word in WORDS)
    assert spans(original, " ".join(WORDS)) == [word.upper() for word in WORDS]


def test_one_word_repeated_is_each_time_its_own():
    assert spans("very  " * 400 + "red &lt;square&gt;", "very " * 400 + "red <square>") == [
        *["very"] * 400,
        "red",
        "&lt;square&gt;",
    ]


def test_a_word_that_falls_into_two_moves_no_word_after_it():
    original = "  ".join([*WORDS, "salt&nbsp;pepper", *WORDS])
    found = spans(original, " ".join([*WORDS, "salt pepper", *WORDS]))
    assert found == [*WORDS, "salt", "pepper", *WORDS]


@pytest.mark.parametrize("n_characters", [20_000])
def test_long_texts_are_not_compared_character_by_character(n_characters, monkeypatch):
    compared = []

    class Counting(difflib.SequenceMatcher):
        def __init__(self, isjunk, a, b, autojunk):
            compared.append(len(a) if isinstance(a, str) else 0)
            super().__init__(isjunk, a, b, autojunk)

    monkeypatch.setattr(alignment, "SequenceMatcher", Counting)
    text = "abc  " * (n_characters // 5)
    assert Alignment(text, "abc " * (n_characters // 5)).original_span(4, 7) == (5, 8)
    assert max(compared) < 10
