"""Generators keyed by content, and samples of items.

Proves ilime_core.modality.
"""

import hashlib
from functools import partial

import pytest
from every import every

from ilime_core.errors import InputError
from ilime_core.perturbation.coalitions import MaskRequest, draw_masks
from ilime_core.perturbation.randomness import is_sampled, item_rng
from ilime_core.records import Modality

PHOTO = hashlib.sha256(b"photo").hexdigest()


def test_the_stream_is_the_same_in_every_process_and_release():
    # A golden value: masks are shared between runs and machines, so the hash must never change.
    assert item_rng(0, Modality.IMAGE, PHOTO, "fit").integers(0, 2**32, 3).tolist() == [
        692047022,
        2160341729,
        2646252246,
    ]


@pytest.mark.parametrize(
    "other",
    [
        (1, Modality.IMAGE, PHOTO, "fit"),
        (0, Modality.TEXT, PHOTO, "fit"),
        (0, Modality.IMAGE, hashlib.sha256(b"other").hexdigest(), "fit"),
        (0, Modality.IMAGE, PHOTO, "held_out"),
    ],
)
def test_seed_modality_content_and_purpose_each_move_the_stream(other):
    assert item_rng(*other).integers(2**62) != item_rng(0, Modality.IMAGE, PHOTO, "fit").integers(2**62)


def test_masks_depend_on_seed_modality_and_content_and_not_on_what_was_drawn_before():
    request = MaskRequest("foldover", 64)
    item_rng(0, Modality.IMAGE, "an item drawn before", "fit").random(100)
    first = draw_masks(20, request=request, rng_of=partial(item_rng, 0, Modality.IMAGE, PHOTO))
    again = draw_masks(20, request=request, rng_of=partial(item_rng, 0, Modality.IMAGE, PHOTO))
    text = draw_masks(20, request=request, rng_of=partial(item_rng, 0, Modality.TEXT, PHOTO))
    assert (first.masks == again.masks).all()
    assert (first.masks != text.masks).any()


def test_fields_that_spell_the_same_text_together_are_told_apart():
    first = item_rng(1, Modality.IMAGE, "ab", "c").random()
    assert first != item_rng(1, Modality.IMAGE, "a", "bc").random()


def test_a_sample_has_its_share_and_grows_with_it():
    names = [f"i{number}" for number in range(4000)]
    tenth = {name for name in names if is_sampled(3, name, "held_out", 0.1)}
    third = {name for name in names if is_sampled(3, name, "held_out", 1 / 3)}
    assert 340 <= len(tenth) <= 460
    assert 1210 <= len(third) <= 1460
    assert tenth < third
    assert not any(is_sampled(3, name, "held_out", 0.0) for name in names)
    assert every(is_sampled(3, name, "held_out", 1.0) for name in names)
    assert {name for name in names if is_sampled(4, name, "held_out", 0.1)} != tenth


def test_a_share_beyond_one_is_refused():
    with pytest.raises(InputError, match=r"\[0, 1\], got 1.5"):
        is_sampled(0, "i1", "held_out", 1.5)
