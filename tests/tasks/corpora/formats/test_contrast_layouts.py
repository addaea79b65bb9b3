"""Layouts of SugarCrepe, ARO, Winoground and NegBench, with photographs."""

import json

import pytest
from contrast_files import (
    ADD_ATT,
    ARO,
    CAT,
    CUP,
    NEGBENCH,
    SWAP_ATT,
    WINOGROUND,
    as_csv,
    laid,
    photographs,
    read,
)
from refusals import refusal

from tasks.corpora.contrasts import Contrast
from tasks.corpora.corpus import ImageEntry
from tasks.corpora.guess import guess_corpus


@pytest.fixture
def folder(tmp_path):
    return photographs(tmp_path)


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
