"""Words by their boundaries, and segments of them.

Proves ilime_core.segmentation.words.
"""

import pytest

from ilime_core.segmentation.word_boundaries import normalise_word, word_spans
from ilime_core.segmentation.words import text_segments, word_segments


def words(text):
    return [text[start:end] for start, end in word_spans(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Don't touch the red-haired man's 3.5 m!",
            ["Don't", "touch", "the", "red", "haired", "man's", "3.5", "m"],
        ),
        ("l’homme, là-bas", ["l’homme", "là", "bas"]),
        ("a 👨‍👩‍👧 and 🇩🇪🇫🇷 👍🏽 3️⃣", ["a", "👨‍👩‍👧", "and", "🇩🇪", "🇫🇷", "👍🏽", "3️⃣"]),
        ("cafe\u0301 naïve", ["cafe\u0301", "naïve"]),
        ("一只黑猫", ["一", "只", "黑", "猫"]),
        ("猫がテレビを見る", ["猫", "が", "テレビ", "を", "見", "る"]),
        ("한국어 고양이가", ["한국어", "고양이가"]),
        ("แมวดำ บนโต๊ะ", ["แม", "ว", "ดำ", "บ", "น", "โต๊ะ"]),
        ("القطة على الطاولة.", ["القطة", "على", "الطاولة"]),
        ('חתול ע"י שולחן', ["חתול", 'ע"י', "שולחן"]),
        ("nice © photo™ -- !!! ‼", ["nice", "photo"]),
        ("\t\n  ", []),
        ("", []),
        ("?! … —", []),
    ],
)
def test_words_follow_unicode_boundaries_and_leave_punctuation_out(text, expected):
    assert words(text) == expected


def test_offsets_are_code_points_not_utf16_or_bytes():
    assert word_spans("😀 ñ cat") == [(0, 1), (2, 3), (4, 7)]


@pytest.mark.parametrize("word", ["STRASSE", "straße", "Straße"])
def test_normalised_words_are_equal_across_case(word):
    assert normalise_word(word) == "strasse"


def test_normalised_words_are_equal_across_compatibility_forms():
    assert normalise_word("ﬁｎｅ") == normalise_word("FINE") == "fine"
    assert normalise_word("cafe\u0301") == normalise_word("CAFÉ") == "caf\u00e9"


def test_what_follows_a_truncated_word_is_truncated_too():
    segments = word_segments("a b c d", lambda text, spans: [False, True, False, True])
    assert segments.truncated == (False, True, True, True)
    assert segments.n_segments == 1


def test_truncation_is_asked_with_the_text_and_its_spans():
    asked = []
    text_segments(
        "cat dog", [(0, 3), (4, 7)], lambda text, spans: asked.append((text, spans)) or [False, False]
    )
    assert asked == [("cat dog", [(0, 3), (4, 7)])]


def test_nothing_is_truncated_without_a_limit():
    segments = word_segments("one, two.")
    assert (segments.starts, segments.ends, segments.truncated) == ((0, 5), (3, 8), (False, False))
