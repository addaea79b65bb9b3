"""Benchmarks of edited captions in the layouts of SugarCrepe, ARO, Winoground and NegBench, with photographs.

Proves tasks.corpora.formats.contrast_layouts and tasks.corpora.contrasts.
"""

import csv
import io
import json

import pytest
from PIL import Image
from refusals import refusal
from skimage import data

from ilime_core.errors import FailureReason, InputError
from tasks.corpora.contrasts import Contrast
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.guess import guess_corpus
from tasks.corpora.registry import open_corpus, open_images
from tasks.spec import CorpusParameters

CAT, CUP = "000000000001.png", "000000000002.png"
SWAP_ATT = {
    "3": {
        "filename": CAT,
        "caption": "a brown cat by a red wall",
        "negative_caption": "a red cat by a brown wall",
    },
    "7": {"filename": CUP, "caption": "a cup on a plate", "negative_caption": "a plate on a cup"},
}
ADD_ATT = {
    "3": {"filename": CAT, "caption": "a cat", "negative_caption": "a sleeping cat"},
}
ARO = [
    {
        "image_id": "1", "image_path": CAT, "relation_name": "behind",
        "true_caption": "the cat is behind the wall", "false_caption": "the wall is behind the cat",
        "bbox_x": 0, "bbox_y": 0, "bbox_w": 90, "bbox_h": 80,
    },
    {
        "image_path": CUP, "attributes": ["white", "round"],
        "true_caption": "the white cup and the round plate",
        "false_caption": "the round cup and the white plate",
    },
]  # fmt: skip
WINOGROUND = [
    {
        "id": 5, "image_0": "ex_5_img_0", "image_1": "ex_5_img_1", "collapsed_tag": "Object",
        "caption_0": "a cat sees a cup", "caption_1": "a cup sees a cat",
        "secondary_tag": "", "num_main_preds": 1,
    }
]  # fmt: skip
NEGBENCH = [
    [
        "image_path", "caption_0", "caption_1", "caption_2", "caption_3",
        "correct_answer", "correct_answer_template",
    ],
    [f"val/{CAT}", "a cat but no dog", "a dog but no cat", "no cat here", "a cup", "0", "hybrid"],
    [f"val/{CUP}", "a dog", "no dog is here", "", "a cat", "1.0", "negative"],
]  # fmt: skip


def as_csv(rows):
    sink = io.StringIO()
    csv.writer(sink).writerows(rows)
    return sink.getvalue()


@pytest.fixture
def folder(tmp_path):
    images = tmp_path / "images"
    (images / "val").mkdir(parents=True)
    for name, pixels in ((CAT, data.chelsea()), (CUP, data.coffee())):
        Image.fromarray(pixels).resize((64, 48)).save(images / name)
        Image.fromarray(pixels).resize((64, 48)).save(images / "val" / name)
    for number, pixels in enumerate((data.chelsea(), data.coffee())):
        Image.fromarray(pixels).resize((64, 48)).save(images / f"ex_5_img_{number}.png")
    return tmp_path


def laid(folder, **files):
    """Write files below ``data`` by name; the last one's path."""
    place = folder / "data"
    place.mkdir(exist_ok=True)
    for name, content in files.items():
        path = place / name.replace("__", ".")
        path.write_text(
            content if isinstance(content, str) else json.dumps(content),
            encoding="utf-8",
            errors="surrogatepass",
        )
    return path


def read(folder, annotations, **options):
    asked = CorpusParameters(
        format="contrast", annotations=str(annotations), images=str(folder / "images"), **options
    )
    corpus = open_corpus(asked)
    for entry in corpus.left:
        assert isinstance(entry, ImageEntry)
        with Image.open(io.BytesIO(open_images(asked).read(entry))) as image:
            assert image.size == (64, 48)
    return corpus


def held(corpus):
    """Query, correct and edited candidate of each contrast, in words."""
    sides = (corpus.left, corpus.right)

    def told(entry):
        return entry.uri if isinstance(entry, ImageEntry) else entry.text

    return [
        tuple(
            told(sides[side][row])
            for side, row in zip(
                (0, 1, 1) if one.direction == "left_to_right" else (1, 0, 0),
                (one.query, one.correct, one.edited),
                strict=True,
            )
        )
        for one in corpus.contrasts
    ]


def test_sugar_crepe(folder):
    corpus = read(folder, laid(folder, swap_att__json=SWAP_ATT))
    assert [one.external_id for one in corpus.left] == [CAT, CUP]
    assert [(one.text, one.uri, one.member, one.external_id) for one in corpus.right][:2] == [
        ("a brown cat by a red wall", "swap_att.json", "3#0", "3#0"),
        ("a red cat by a brown wall", "swap_att.json", "3#1", "3#1"),
    ]
    assert corpus.relevance == ((0, 0), (1, 2))
    assert corpus.contrasts == (
        Contrast("left_to_right", 0, 0, 1, "3", "swap_att", "sugar_crepe"),
        Contrast("left_to_right", 1, 2, 3, "7", "swap_att", "sugar_crepe"),
    )
    assert corpus.rejected == ()


@pytest.mark.parametrize("named", ["data", "data/*.json", "data/{add_att,swap_att}.json"])
def test_all_categories_of_sugar_crepe_are_one_corpus(folder, named):
    laid(folder, swap_att__json=SWAP_ATT, add_att__json=ADD_ATT)
    corpus = read(folder, folder / named)
    assert [one.uri for one in corpus.left] == [CAT, CUP]  # an image of two files is one
    assert {(one.question, one.category) for one in corpus.contrasts} == {
        ("add_att/3", "add_att"),
        ("swap_att/3", "swap_att"),
        ("swap_att/7", "swap_att"),
    }
    assert len({one.external_id for one in corpus.right}) == len(corpus.right) == 6


def test_aro(folder):
    corpus = read(folder, laid(folder, vg__json=ARO))
    assert held(corpus) == [
        (CAT, "the cat is behind the wall", "the wall is behind the cat"),
        (CUP, "the white cup and the round plate", "the round cup and the white plate"),
    ]
    assert [(one.category, one.edit) for one in corpus.contrasts] == [
        ("behind", "aro"),
        ("white_round", "aro"),
    ]


@pytest.mark.parametrize("name", ["examples__jsonl", "examples__json"])
def test_winoground_holds_both_captions_and_both_images(folder, name):
    content = "\n".join(map(json.dumps, WINOGROUND)) if name.endswith("jsonl") else WINOGROUND
    corpus = read(folder, laid(folder, **{name: content}))
    first, second = "ex_5_img_0.png", "ex_5_img_1.png"
    assert held(corpus) == [
        (first, "a cat sees a cup", "a cup sees a cat"),
        ("a cat sees a cup", first, second),
        (second, "a cup sees a cat", "a cat sees a cup"),
        ("a cup sees a cat", second, first),
    ]
    assert {(one.question, one.category, one.edit) for one in corpus.contrasts} == {
        ("5", "Object", "winoground")
    }
    assert corpus.relevance == ((0, 0), (1, 1))


def test_negbench_holds_the_right_caption_against_each_other(folder):
    corpus = read(folder, laid(folder, mcq__csv=as_csv(NEGBENCH)))
    assert held(corpus) == [
        (f"val/{CAT}", "a cat but no dog", "a dog but no cat"),
        (f"val/{CAT}", "a cat but no dog", "no cat here"),
        (f"val/{CAT}", "a cat but no dog", "a cup"),
        (f"val/{CUP}", "no dog is here", "a dog"),
        (f"val/{CUP}", "no dog is here", "a cat"),
    ]
    assert [(one.question, one.category) for one in corpus.contrasts][2:4] == [
        ("0", "hybrid"),
        ("1", "negative"),
    ]


def test_limit_counts_images_and_takes_questions_whole(folder):
    laid(folder, swap_att__json=SWAP_ATT, add_att__json=ADD_ATT)
    corpus = read(folder, folder / "data", limit=1)
    assert [one.uri for one in corpus.left] == [CAT]
    assert {one.question for one in corpus.contrasts} == {"add_att/3", "swap_att/3"}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("swap_att__json", json.dumps(SWAP_ATT, indent=2)),
        ("vg__json", json.dumps(ARO)),
        ("examples__jsonl", "\n".join(map(json.dumps, WINOGROUND))),
        ("mcq__csv", as_csv(NEGBENCH)),
    ],
)
def test_layouts_are_recognised(folder, name, content):
    assert guess_corpus(str(folder / "images"), str(laid(folder, **{name: content}))).format == "contrast"


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


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([["image_path", "caption_0", "caption_1"], ["a.png", "a", "b"]], "no column 'correct_answer'"),
        ([["image_path", "caption_0", "correct_answer"], ["a.png", "a", "0"]], "no column 'caption_1'"),
        (
            [NEGBENCH[0], ["a.png", "a", "b", "c", "d", "4", "x"]],
            "got '4'; needed is the number of the right",
        ),
        ([NEGBENCH[0], ["a.png", "a", "b", "c", "d", "-1", "x"]], "got '-1'; needed is the number"),
        ([NEGBENCH[0], ["a.png", "a", "", "", "", "0", "x"]], "no caption beside the right one"),
    ],
)
def test_tables_of_negbench_that_cannot_be_read(folder, rows, told):
    assert told in refusal(read, folder, laid(folder, mcq__csv=as_csv(rows)))


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
