"""What is beyond the bounds of a single item fails by itself, and planning counts without drawing it.

Proves tasks.stages.explain_cost.
"""

import tracemalloc

import pytest

from ilime_core.errors import FailureReason, ItemError
from ilime_core.records import Modality
from tasks.spec import ExplainParameters, SegmentationParameters
from tasks.spec.mask_draws import MaskDraw
from tasks.stages.explain_cost import score_encodes, seen_words
from tasks.stages.item_bounds import check_segments, check_text_bounds, is_usable_text

BOUNDS = SegmentationParameters.model_validate({"text": {"max_segments": 3, "max_characters": 20}})


def draw(**perturbation):
    places = {"annotations": "a.json", "images": "i"}
    parameters = ExplainParameters.model_validate(
        {"corpus": places, "model": {"name": "conse"}, "output": "o", "perturbation": perturbation}
    )
    return MaskDraw.of(Modality.TEXT, parameters)


@pytest.mark.parametrize(
    ("text", "reason", "message"),
    [
        (None, FailureReason.EMPTY, "c7: the caption has no characters but spaces"),
        (" \n", FailureReason.EMPTY, "c7: the caption has no characters but spaces"),
        ("\u200b\u2060 \ufeff\u202e", FailureReason.EMPTY, "c7: the caption has no characters but spaces"),
        (
            "a" * 21,
            FailureReason.TOO_LARGE,
            "c7: the text has 21 characters, at most 20 are read; shorten it, or raise segmentation",
        ),
    ],
)
def test_a_text_that_is_not_encoded(text, reason, message):
    with pytest.raises(ItemError) as caught:
        check_text_bounds("c7", text, BOUNDS)
    assert caught.value.reason is reason
    assert str(caught.value).startswith(message)
    assert not is_usable_text(text, BOUNDS)


def test_a_text_at_the_bound_is_encoded():
    assert check_text_bounds("c7", "a" * 20, BOUNDS) == "a" * 20
    assert is_usable_text("a" * 20, BOUNDS)


def test_an_item_of_more_segments_than_the_bound_fails_and_names_the_field():
    check_segments("a", 3, 3, "segmentation.image.max_segments")
    with pytest.raises(
        ItemError, match=r"a: has 4 segments, at most 3 .*segmentation\.image\.max_"
    ) as caught:
        check_segments("a", 4, 3, "segmentation.image.max_segments")
    assert caught.value.reason is FailureReason.TOO_LARGE


def test_words_beyond_the_bound_are_not_counted():
    assert seen_words("one two", BOUNDS) == 2
    assert seen_words("one two three four five", BOUNDS) == 3


def test_long_texts_are_counted_as_if_they_had_been_drawn_but_are_not():
    """Whole blocks of 64 words hold 128 distinct rows, held-out ones as many."""
    wishes, digest = draw(), "ab" * 32
    assert score_encodes(wishes, digest, 64) == wishes.draw(digest, 64).n_encodes == 1 + 128 + 128
    tracemalloc.start()
    encodes = score_encodes(wishes, digest, 20_000)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert encodes == 1 + 2 * 2 * 32_768
    assert peak < 2**20
