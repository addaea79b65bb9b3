"""Edits of captions by hand, and of hostile ones by their invariants.

Proves ilime_core.edits.colours, ilime_core.edits.nouns, ilime_core.edits.negation, ilime_core.edits.number,
ilime_core.edits.detail, ilime_core.edits.shuffle and ilime_core.edits.registry.
"""

from collections import Counter
from itertools import pairwise

import numpy as np
import pytest

from ilime_core.edits.caption import EditableCaption
from ilime_core.edits.colours import COLOURS
from ilime_core.edits.detail import DETAILS
from ilime_core.edits.number import NUMBERS
from ilime_core.edits.registry import EDITS
from ilime_core.segmentation.word_boundaries import word_spans


def edited(name, text, beside=(), seed=0):
    found = EDITS[name].make(EditableCaption.of(text, frozenset(beside)), np.random.default_rng(seed))
    return None if found is None else (found.text, found.category)


@pytest.mark.parametrize(
    ("name", "text", "wanted"),
    [
        ("colours", "A red car, a Blue bus", "A blue car, a Red bus"),
        ("colours", "a red, red car by green grass", "a green, red car by red grass"),
        ("colours", "a grey cat on a gray wall by a red door", "a red cat on a gray wall by a grey door"),
        ("colours", "Black cat and white dog.", "White cat and black dog."),
        ("nouns", "a man riding a small horse", "a horse riding a small man"),
        ("nouns", "An apple beside a dog", "A dog beside an apple"),
        ("nouns", "two brown dogs on the beach.", "two brown beach on the dogs."),
        ("nouns", "the tennis ball, the net", "the tennis net, the ball"),
        ("colours", "a black and white cat on a red couch", "a red and white cat on a black couch"),
        ("colours", "a dark, blue or red sky over a grey sea", "a grey, blue or red sky over a dark sea"),
        ("nouns", "a dog and a cat on a mat", "a mat and a cat on a dog"),
        ("nouns", "a black dog and a white cat", "a black cat and a white dog"),
        ("nouns", "a man, a boy and a dog with the ball", "a ball, a boy and a dog with the man"),
        ("negation", "a man is not smiling", "a man is smiling"),
        ("negation", "Not a dog", "a dog"),
        ("negation", "a man without a hat", "a man with a hat"),
        ("negation", "we shan\u2019t go", "we shall go"),
        ("negation", "Without shoes", "With shoes"),
        ("negation", "It isn't red and is not blue", "It is red and is not blue"),
        ("negation", "it isn\u2019t red", "it is red"),
        ("negation", "a room with no people", "a room with people"),
        ("negation", "a cat that cannot swim", "a cat that can swim"),
    ],
)
def test_edits_that_draw_nothing(name, text, wanted):
    assert edited(name, text)[0] == wanted


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("colours", "a cat on a mat"),
        ("colours", ""),
        ("nouns", "dogs on grass"),
        ("nouns", "a man and a woman"),
        ("nouns", "the cat, the dog or the bird are sleeping"),
        ("nouns", "a dog and another dog"),
        ("nouns", "the"),
        ("negation", "a man smiling"),
        ("negation", "nobody knows a notary"),
        ("negation", "no"),
        ("number", "one dog, a dozen eggs and 1000 ants"),
        ("number", "first of all"),
        ("detail", ""),
        ("detail", "?!"),
        ("shuffle", "dog"),
        ("shuffle", "dog dog Dog"),
        ("shuffle", ""),
    ],
)
def test_a_caption_without_the_thing_is_not_edited(name, text):
    assert edited(name, text) is None


def test_a_single_colour_is_replaced_by_one_that_no_caption_names():
    found = {edited("colours", "A Red cat by a red wall", COLOURS[2:9], seed) for seed in range(60)}
    wanted = ("green", "purple", "grey")
    assert found == {(f"A {one.title()} cat by a {one} wall", "replace") for one in wanted}
    assert edited("colours", "a red cat", COLOURS) is None


def test_of_colours_of_one_thing_only_the_first_is_replaced():
    """The exchanged caption would be as right as the first one."""
    named = [one for one in COLOURS if one != "red"]
    assert edited("colours", "a black and white photo", named) == ("a red and white photo", "replace")


def test_a_number_becomes_any_other_of_its_kind():
    found = {edited("number", "Two dogs and 3 cats", seed=seed) for seed in range(200)}
    assert found == {(f"{one.title()} dogs and 3 cats", "word") for one in NUMBERS[2:]}
    found = {edited("number", "Two dogs", ["three", "4", *NUMBERS[3:8]], seed) for seed in range(20)}
    assert found == {("Ten dogs", "word")}
    assert edited("number", "two dogs", NUMBERS) is None
    found = {edited("number", "10 cats", seed=seed) for seed in range(200)}
    assert found == {(f"{one} cats", "digits") for one in range(2, 10)}


def test_a_detail_is_appended_before_the_last_stop_and_is_named_nowhere():
    nouns = {detail.rpartition(" ")[2]: (detail, kind) for kind, own in DETAILS.items() for detail in own}
    named = sorted(nouns)[2:]
    free = {nouns[one] for one in sorted(nouns)[:2]}
    found = {edited("detail", "A dog runs. ", named, seed) for seed in range(60)}
    assert found == {(f"A dog runs {detail}. ", kind) for detail, kind in free}
    assert edited("detail", "a dog", nouns) is None
    assert edited("detail", f"a {min(nouns)}", sorted(nouns)[1:]) is None  # its own words count, too


def test_a_detail_is_not_appended_where_its_plural_or_another_word_names_it():
    nouns = sorted(detail.rpartition(" ")[2] for own in DETAILS.values() for detail in own)
    others = {"bicycle": "bike", "umbrella": "umbrellas"}
    named = [others.get(noun, noun) for noun in nouns]
    assert edited("detail", "a dog", named) is None


def test_shuffled_words_keep_what_stands_between_them():
    text = "A dog, a cat & the man's hat!"
    found = {edited("shuffle", text, seed=seed)[0] for seed in range(30)}
    assert len(found) > 20
    for one in found:
        assert one != text
        words, spans = Counter(text[a:b] for a, b in word_spans(text)), word_spans(one)
        assert Counter(one[a:b] for a, b in spans) == words
        gaps = [one[a:b] for (_, a), (b, _) in pairwise(spans)]
        assert gaps == [" ", ", ", " ", " & ", " ", " "]
        assert one.endswith("!")


@pytest.mark.parametrize("name", EDITS.names)
@pytest.mark.parametrize(
    "text",
    [
        "\u202ea red dog and a blue cat, not two\u202c",
        "a <b>red</b> &amp; blue\n\tdog's two cats without' \"hats\"",
        "红色的狗和蓝色的猫",
        "👩‍👩‍👧 red 👨‍👩‍👧 blue a dog a cat two not",
        "e\u0301te\u0301 a red\u0301 dog a blue cat",
        "red blue " * 3000,
        "a\u00a0red dog and a blue cat, not two",
        "ﬁve red dogs, not two of the ﬂat blue cats",
        "\ufeff \u200b",
        "!!! ... ---",
        "İstanbul not a red ẞ the two",
    ],
)
def test_hostile_captions_are_edited_or_left_but_break_nothing(name, text):
    first, again = edited(name, text, seed=3), edited(name, text, seed=3)
    assert first == again
    if first is not None:
        assert first[0] != text
        first[0].encode()
        assert first[1]
