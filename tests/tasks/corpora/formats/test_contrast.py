"""Questions of benchmarks of edited captions: taken whole, rejected alone, and told where they stand.

Proves tasks.corpora.contrasts.
"""

import json

import pytest
from contrast_files import ADD_ATT, CAT, SWAP_ATT, WINOGROUND, laid, photographs, read
from refusals import refusal

from ilime_core.errors import FailureReason, InputError


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path)


def test_limit_counts_images_and_takes_questions_whole(folder):
    laid(folder, swap_att__json=SWAP_ATT, add_att__json=ADD_ATT)
    corpus = read(folder, folder / "data", limit=1)
    assert [one.uri for one in corpus.left] == [CAT]
    assert {one.question for one in corpus.contrasts} == {"add_att/3", "swap_att/3"}


GOOD = {"filename": CAT, "caption": "a cat", "negative_caption": "a dog"}


@pytest.mark.parametrize(
    ("bad", "reason", "told"),
    [
        ({"filename": CAT, "caption": "a cat"}, FailureReason.MALFORMED, "'negative_caption' is absent"),
        (GOOD | {"caption": ["a cat"]}, FailureReason.MALFORMED, "got a list of 1; needed is a caption"),
        (GOOD | {"negative_caption": "a cat"}, FailureReason.DUPLICATE, "two of the captions are the same"),
        (GOOD | {"filename": "../a.png"}, FailureReason.MALFORMED, "bad.json.9"),
        (GOOD | {"filename": "/etc/passwd"}, FailureReason.MALFORMED, "bad.json.9"),
        (GOOD | {"caption": "a\0cat"}, FailureReason.MALFORMED, "without a NUL character"),
        (GOOD | {"negative_caption": "\ud800"}, FailureReason.MALFORMED, "half a surrogate pair"),
        ("a cat", FailureReason.MALFORMED, "needed is an object"),
        (None, FailureReason.MALFORMED, "'9' is null"),
    ],
)
def test_a_question_that_cannot_be_used_is_rejected_alone(folder, bad, reason, told):
    corpus = read(folder, laid(folder, bad__json={"1": GOOD, "9": bad}))
    assert [one.question for one in corpus.contrasts] == ["1"]
    [found] = corpus.rejected
    assert found.reason == reason
    assert told in found.message
    assert found.uri == "bad.json"


def test_captions_of_any_content_are_kept_as_they_are(folder):
    odd = {"filename": CAT, "caption": "a <b>cat</b>\n\t\u202e👩‍👩‍👧 ' \"; DROP", "negative_caption": ""}
    corpus = read(folder, laid(folder, odd__json={"a/../b": odd}))
    assert [one.text for one in corpus.right] == [odd["caption"], ""]
    assert corpus.contrasts[0].question == "a/../b"


def test_a_caption_that_is_right_elsewhere_is_no_wrong_one(folder):
    both = {"1": GOOD, "2": GOOD | {"caption": "a dog", "negative_caption": "a fox"}}
    corpus = read(folder, laid(folder, both__json=both))
    assert [one.question for one in corpus.contrasts] == ["2"]
    assert "question '1': a candidate that is held to be wrong is right" in corpus.rejected[0].message


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{}", "has no question"),
        ("[]", "has no question"),
        ('{"1": {"filename": "a.png"}}', "1 entry of the corpus cannot be used: 1 malformed"),
        ("5", "needed is a list of objects"),
        ("<html>", "no valid JSON"),
    ],
)
def test_a_file_without_any_question_is_refused(folder, content, told):
    assert told in refusal(read, folder, laid(folder, none__json=content))


def test_winoground_with_one_image_twice_is_rejected(folder):
    same = WINOGROUND[0] | {"image_1": "./ex_5_img_0"}
    lines = "\n".join(map(json.dumps, [same, WINOGROUND[0]]))
    corpus = read(folder, laid(folder, examples__jsonl=lines))
    assert "two of the images are the same" in corpus.rejected[0].message
    assert len(corpus.contrasts) == 4


def test_a_name_that_occurs_twice_is_rejected(folder):
    lines = "\n".join(map(json.dumps, [WINOGROUND[0], WINOGROUND[0]]))
    corpus = read(folder, laid(folder, examples__jsonl=lines))
    assert "the question '5' occurs at" in corpus.rejected[0].message


def test_splits_are_refused(folder):
    with pytest.raises(InputError, match=r"has no splits.*corpus.split: all"):
        read(folder, laid(folder, a__json=SWAP_ATT), split="test")
