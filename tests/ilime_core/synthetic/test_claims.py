import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.synthetic.claims import Claim, exchanged, holds, one_word_wrong, read_claim, said_in_part
from ilime_core.synthetic.scenes import Scene, SceneObject, describe, draw_scene

RED = SceneObject("circle", "red", "small", 0.2, 0.5, 0.09)
BLUE = SceneObject("square", "blue", "small", 0.7, 0.6, 0.09)
GREEN = SceneObject("ring", "green", "large", 0.3, 0.9, 0.16)
SCENE = Scene((RED, BLUE, GREEN), 90, 0)


def claim_of(text: str) -> Claim:
    return read_claim(text)


def differing(one: str, other: str) -> list[tuple[str, str]]:
    return [pair for pair in zip(one.split(), other.split(), strict=True) if pair[0] != pair[1]]


def test_a_claim_is_read_as_it_was_said():
    text = "a small red circle left of a small blue square and a large green ring"
    claim = claim_of(text)
    assert claim == Claim((RED.words, BLUE.words, GREEN.words), "left of")
    assert claim.text == text


def test_every_description_is_read_and_said_again():
    rng = np.random.default_rng(0)
    for mentioned in (None, 1, 2) * 20:
        scene = draw_scene(rng)
        text = describe(scene, rng, mentioned).text
        assert claim_of(text).text == text
        assert holds(claim_of(text), scene)


@pytest.mark.parametrize(
    ("text", "is_true"),
    [
        ("a small red circle", True),
        ("a small blue circle", False),
        ("a large red circle", False),
        ("a small red circle left of a small blue square", True),
        ("a small red circle right of a small blue square", False),
        ("a small blue square right of a small red circle", True),
        ("a small red circle above a small blue square", False),  # they are further apart across
        ("a small red circle above a large green ring", True),
        ("a small red circle left of a small blue square and a large green ring", True),
        ("a small red circle left of a small blue square and a large green circle", False),
        ("a small red circle left of a small red circle", False),  # there is one only
        ("a small red circle left of a small blue square and a small red circle", False),
    ],
)
def test_a_claim_holds_where_the_scene_is_as_it_says(text, is_true):
    assert holds(claim_of(text), SCENE) is is_true


def test_of_two_alike_one_that_stands_right_is_enough():
    twice = Scene((RED, BLUE, SceneObject("circle", "red", "small", 0.95, 0.6, 0.04)), 90, 0)
    assert holds(claim_of("a small red circle right of a small blue square"), twice)
    assert holds(claim_of("a small red circle left of a small blue square"), twice)


def test_one_wrong_word_makes_the_claim_fail():
    rng = np.random.default_rng(1)
    kinds = set()
    for _ in range(200):
        scene = draw_scene(rng)
        claim = claim_of(describe(scene, rng).text)
        wrong = one_word_wrong(claim, scene, rng)
        assert not holds(wrong, scene)
        ((_, word),) = differing(claim.text, wrong.text)
        kinds.add(word)
    assert {"small", "large", "red", "ring", "left", "above"} <= kinds


def test_an_exchange_keeps_the_words_and_fails():
    rng = np.random.default_rng(2)
    same = 0
    for _ in range(100):
        scene = draw_scene(rng)
        claim = claim_of(describe(scene, rng).text)
        wrong = exchanged(claim, scene, rng)
        assert not holds(wrong, scene)
        same += sorted(wrong.text.split()) == sorted(claim.text.split())
    assert same > 90


def test_one_object_cannot_be_exchanged_and_gets_a_wrong_word():
    wrong = exchanged(claim_of("a small red circle"), SCENE, np.random.default_rng(3))
    assert len(differing("a small red circle", wrong.text)) == 1


@pytest.mark.parametrize("make", [one_word_wrong, exchanged])
def test_a_claim_that_fails_already_is_refused(make):
    single = claim_of("a large white cross")
    with pytest.raises(InputError, match="a large white cross"):
        make(single, SCENE, np.random.default_rng(0))


@pytest.mark.parametrize("text", ["", "a red bus", "a small red circle beside a small blue square"])
def test_other_captions_are_no_claims(text):
    with pytest.raises(InputError, match="caption of a generated scene"):
        read_claim(text)


def kept(text: str, *left_out: int) -> np.ndarray:
    return ~np.isin(np.arange(len(text.split())), left_out)


def test_words_that_are_left_out_claim_nothing():
    text = "a small red circle left of a small blue square"
    said, claim = said_in_part(claim_of(text), kept(text, 0, 2, 5, 7, 9))
    assert said == "small circle left a blue"
    assert claim == Claim((("small", "", "circle"), ("", "blue", "")), "left of")
    said, claim = said_in_part(claim_of(text), kept(text, 4))
    assert said == "a small red circle of a small blue square"
    assert claim == Claim((RED.words, BLUE.words), "")


def test_without_gaps_all_is_claimed_and_of_one_object_no_relation():
    text = "a large green ring"
    assert said_in_part(claim_of(text), kept(text)) == (text, claim_of(text))


def test_as_many_words_are_judged_as_there_are():
    with pytest.raises(InputError, match="has 4 words, got 3"):
        said_in_part(claim_of("a large green ring"), np.ones(3, dtype=bool))


@pytest.mark.parametrize(
    ("objects", "relation", "is_true"),
    [
        ((("small", "", ""), ("small", "", "")), "", True),
        ((("large", "", ""), ("large", "", "")), "", False),  # there is one large object
        ((("small", "", ""), ("", "blue", "")), "right of", False),
        ((("small", "", ""), ("", "blue", "")), "left of", True),
        ((("", "", ""), ("", "", ""), ("", "", "circle")), "", True),
        ((("", "", ""),) * 4, "", False),  # there are three
        ((("", "red", "square"),), "", False),
    ],
)
def test_a_claim_with_gaps_holds_of_objects_that_fit_what_is_said(objects, relation, is_true):
    assert holds(Claim(objects, relation), SCENE) is is_true
