import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ilime_core.errors import InputError
from ilime_core.perturbation.text_removal import remove_words
from ilime_core.records import TextSegments
from ilime_core.segmentation.word_boundaries import word_spans
from ilime_core.segmentation.words import word_segments


def dropped(text, *words, method="drop", mask_word=""):
    """The text without the named words, each its first occurrence."""
    segments = word_segments(text)
    spans = [text[a:b] for a, b in zip(segments.starts, segments.ends, strict=True)]
    mask = np.ones((1, len(spans)), dtype=bool)
    for word in words:
        mask[0, spans.index(word)] = False
    return remove_words(segments, mask, method, mask_word)[0]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a cat on a mat", ["cat"], "a on a mat"),
        ("a cat on a mat.", ["mat"], "a cat on a."),
        ("A cat, asleep.", ["A", "cat"], "asleep."),
        ("a red, shiny, car", ["shiny"], "a red, car"),
        ("Hello. Shiny, cars!", ["Shiny"], "Hello. cars!"),
        ("cats, dogs! Birds", ["dogs"], "cats! Birds"),
        ("a (black) cat", ["black"], "a cat"),
        ("a (big black) cat", ["black"], "a (big) cat"),
        ("a (big black) cat", ["big"], "a (black) cat"),
        ("a cat (black)", ["cat"], "a (black)"),
        ('he said "stop." twice', ["stop"], "he said. twice"),
        ("he said “stop” twice", ["stop"], "he said twice"),
        ('"stop" he said', ["stop"], "he said"),
        ("a red-haired man", ["red"], "a haired man"),
        ("a red-haired man", ["haired"], "a red man"),
        ("a well-to-do man", ["to"], "a well do man"),
        ("the #1 dog", ["the"], "#1 dog"),
        ("the #1 dog", ["1"], "the dog"),
        ("50% off", ["50"], "off"),
        ("salt & pepper", ["pepper"], "salt"),
        ("dogs' ball", ["dogs"], "ball"),
        ("cat👍dog", ["👍"], "cat dog"),
        ("3,👍4", ["👍"], "3, 4"),
        ("黑猫，坐着", ["猫"], "黑，坐着"),
        ("一只黑猫", ["只"], "一黑猫"),
        ("القطة على الطاولة.", ["على"], "القطة الطاولة."),
        ("two\n\nlines here", ["lines"], "two here"),
        ("wait... what", ["wait"], "what"),
    ],
)
def test_what_stands_between_is_tidied(text, words, expected):
    assert dropped(text, *words) == expected


TEXTS = [
    '  A (black) cat, "sleeping" on Tom\'s #1 sofa!  ',
    "a 👨‍👩‍👧 and 🇩🇪🇫🇷 flag…",
    "猫がテレビを見る。",
    "“Wait—what?” she said.",
]


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("method", ["drop", "mask"])
def test_the_full_coalition_gives_the_text_back(text, method):
    segments = word_segments(text)
    assert remove_words(segments, np.ones((2, segments.n_segments), dtype=bool), method, "x") == [text, text]


@pytest.mark.parametrize("text", TEXTS)
def test_the_empty_coalition_gives_nothing(text):
    segments = word_segments(text)
    assert remove_words(segments, np.zeros((1, segments.n_segments), dtype=bool), "drop", "") == [""]


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "cat",
                "Tom's",
                "3.5",
                "4",
                "👍",
                "🇩🇪",
                "猫",
                "テレビ",
                "كلب",
                "é",
                " ",
                "  ",
                ", ",
                ". ",
                "-",
                "/",
                " (",
                ") ",
                ' "',
                '" ',
                "#",
                "%",
                "…",
                " & ",
                "\n",
                "'",
                "_",
            ]
        ),
        min_size=1,
        max_size=12,
    ),
    data=st.data(),
)
@settings(max_examples=300, deadline=None)
def test_exactly_the_kept_words_remain(pieces, data):
    text = "".join(pieces)
    segments = word_segments(text)
    row = data.draw(st.lists(st.booleans(), min_size=segments.n_segments, max_size=segments.n_segments))
    mask = np.array([row], dtype=bool).reshape(1, segments.n_segments)
    result = remove_words(segments, mask, "drop", "")[0]
    spans = zip(segments.starts, segments.ends, strict=True)
    kept = [text[a:b] for (a, b), keep in zip(spans, row, strict=True) if keep]
    assert [result[a:b] for a, b in word_spans(result)] == kept
    if row and not row[0]:
        assert result == result.lstrip()
    if row and not row[-1]:
        assert result == result.rstrip()
    assert kept or not row or not result


def truncated_text():
    text = "one two three, four five."
    spans = word_spans(text)
    return TextSegments(
        text, tuple(a for a, _ in spans), tuple(b for _, b in spans), (False,) * 3 + (True,) * 2
    )


@pytest.mark.parametrize(("method", "mask_word"), [("drop", ""), ("mask", "x")])
def test_truncated_words_never_slide_into_view(method, mask_word):
    segments = truncated_text()
    masks = np.array([row for row in itertools.product([True, False], repeat=3) if not all(row)])
    for text in remove_words(segments, masks, method, mask_word):
        assert not {"four", "five."} & set(text.split())
        assert "." not in text


def test_the_full_coalition_keeps_truncated_words_as_they_are():
    segments = truncated_text()
    assert remove_words(segments, np.ones((1, 3), dtype=bool), "drop", "") == [segments.text]
    assert remove_words(segments, np.array([[False, True, True]]), "drop", "") == ["two three"]


@pytest.mark.parametrize(
    ("text", "words", "expected"),
    [
        ("a (black) cat, asleep.", ["black", "asleep"], "a ([MASK]) cat, [MASK]."),
        ("a red-haired man", ["red"], "a [MASK]-haired man"),
        ("黑猫", ["黑", "猫"], "[MASK] [MASK]"),
        ("黑猫坐", ["猫"], "黑 [MASK] 坐"),
    ],
)
def test_mask_words_stand_where_the_words_stood(text, words, expected):
    assert dropped(text, *words, method="mask", mask_word="[MASK]") == expected


def test_the_mask_word_is_what_is_written():
    assert dropped("a cat", "cat", method="mask", mask_word="thing") == "a thing"


def test_masks_of_another_text_are_refused():
    with pytest.raises(InputError, match="2 columns, the text 3 visible words"):
        remove_words(word_segments("a b c"), np.ones((1, 2), dtype=bool), "drop", "")


def test_a_blank_mask_word_is_refused():
    with pytest.raises(InputError, match="empty mask_word"):
        remove_words(word_segments("a b"), np.ones((1, 2), dtype=bool), "mask", " ")


def test_a_text_without_words_stays_as_it_is():
    assert remove_words(word_segments("?!"), np.ones((1, 0), dtype=bool), "drop", "") == ["?!"]
