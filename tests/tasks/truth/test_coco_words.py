"""Everyday words are found, the longest first, and mean MS COCO's categories."""

import pytest

from tasks.truth.coco_words import SYNONYMS, named_categories, vocabulary

CATEGORIES = (
    "person", "bicycle", "car", "bus", "bear", "teddy bear", "bench", "hot dog", "dog", "wine glass", "knife",
    "mouse", "orange", "couch", "sports ball", "baseball bat", "sheep", "cherry", "skis", "tv",
)  # fmt: skip
TERMS = vocabulary(CATEGORIES)


def named(caption, terms=TERMS):
    return [
        (caption[one.char_start : one.char_end], one.category) for one in named_categories(caption, terms)
    ]


@pytest.mark.parametrize(
    ("caption", "expected"),
    [
        ("A man and two women.", [("man", "person"), ("women", "person")]),
        ("PEOPLE on bikes", [("PEOPLE", "person"), ("bikes", "bicycle")]),
        ("a teddy bear hugs a bear", [("teddy bear", "teddy bear"), ("bear", "bear")]),
        ("two hot-dogs and a dog", [("hot-dogs", "hot dog"), ("dog", "dog")]),
        ("buses, benches, wine glasses, knives, mice", [
            ("buses", "bus"), ("benches", "bench"), ("wine glasses", "wine glass"), ("knives", "knife"),
            ("mice", "mouse"),
        ]),
        ("cherries and boys", [("cherries", "cherry"), ("boys", "person")]),
        ("an orange car beside oranges", [("car", "car"), ("oranges", "orange")]),
        ("a soccer ball, a ball", [("soccer ball", "sports ball"), ("ball", "sports ball")]),
        ("sheep on a sofa", [("sheep", "sheep"), ("sofa", "couch")]),
        ("a carpet of dogwood", []),
        ("", []),
    ],
)  # fmt: skip
def test_words(caption, expected):
    assert named(caption) == expected


def test_only_categories_of_the_file_are_known():
    assert named("a man with a dog", vocabulary(["dog"])) == [("dog", "dog")]
    assert named("a man", vocabulary([])) == []


def test_no_word_means_two_categories():
    every = [term for words in SYNONYMS.values() for term in words.split()]
    assert len(set(every)) == len(every)
    assert not {term.replace("_", " ") for term in every} & SYNONYMS.keys()
