"""A word is of one class; a segment of several words is of the most specific class among them."""

import pytest

from ilime_core.errors import InputError
from ilime_core.segmentation.lexicon import (
    WORD_CLASSES,
    Lexicon,
    english_lexicon,
    parse_lexicon,
    segment_classes,
)
from ilime_core.segmentation.word_boundaries import word_spans


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A small blue diamond", ["function", "size", "colour", "content"]),
        ("left of 3 WOODEN crosses", ["spatial", "function", "number", "material", "content"]),
        ("twenty-one don\u2019t sit", ["number", "number", "negation", "action"]),
        ("GREY gray 1,000.5 2nd 4x", ["colour", "colour", "number", "number", "content"]),
        ("shot drinks parking", ["content", "content", "content"]),
        ("you\u2019ve let's who's shan't", ["function", "function", "function", "negation"]),
        ("nobody isn't running without", ["negation", "negation", "action", "negation"]),
    ],
)
def test_words_of_the_packaged_lexicon(text, expected):
    assert segment_classes(text, word_spans(text), english_lexicon()) == expected


@pytest.mark.parametrize(
    ("name", "least"),
    [
        ("number", 40),
        ("negation", 25),
        ("colour", 40),
        ("size", 40),
        ("material", 40),
        ("spatial", 60),
        ("action", 400),
        ("function", 180),
    ],
)
def test_the_packaged_lexicon_is_closed_and_not_thin(name, least):
    classes = list(english_lexicon().classes.values())
    assert classes.count(name) >= least
    assert set(classes) == set(WORD_CLASSES) - {"content"}


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("the blue dog", "colour"),
        ("two small blue dogs", "number"),
        ("the dog", "content"),
        ("of the", "function"),
        ("large dog sitting", "size"),
    ],
)
def test_a_phrase_is_of_its_most_specific_class(phrase, expected):
    assert segment_classes(phrase, [(0, len(phrase))], english_lexicon()) == [expected]


def test_a_token_is_of_the_class_of_its_word_and_punctuation_is_function():
    text = "inside, red"  # tokens: in|side|,|red
    spans = [(0, 2), (2, 6), (6, 7), (8, 11)]
    lexicon = Lexicon({"inside": "material", "red": "colour"})
    assert segment_classes(text, spans, lexicon) == ["material", "material", "function", "colour"]


def test_a_lexicon_of_the_users_own_replaces_all_words():
    own = parse_lexicon("# comment\nword\tclass\n\nRot\tcolour\nzwei\tnumber\n7\tcontent\n", "own.tsv")
    text = "zwei ROT red 7 8"
    assert segment_classes(text, word_spans(text), own) == [
        "number",
        "colour",
        "content",
        "content",
        "number",
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rot colour\n", r"own\.tsv, line 1: got 1 cells; needed are a word, a tabulator and its class"),
        ("rot\tcolour\tx\n", "line 1: got 3 cells"),
        ("a\tfunction\nrot\tcolor\n", "line 2: 'color' is no class; did you mean 'colour'"),
        ("rot\tcolour\nROT\tsize\n", "line 2: 'rot' is colour in an earlier line, and size in this one"),
        ("in front\tspatial\n", "line 1: 'in front' is not one word"),
        ("--\tspatial\n", "line 1: '--' is not one word"),
        ("# nothing\n\n", "own.tsv: has no word"),
    ],
)
def test_bad_files_are_refused_in_one_line(text, message):
    with pytest.raises(InputError, match=message) as caught:
        parse_lexicon(text, "own.tsv")
    assert "\n" not in str(caught.value)
