"""The baseline that paints nothing: which towers it works with."""

from types import SimpleNamespace

import numpy as np
import planted_plugin
import pytest
from gated_items import image_tower

from ilime_core.encoders.same_view import SameView
from ilime_core.encoding.stopwatch import TimedEncoder
from ilime_core.errors import InputError
from ilime_core.perturbation.baselines import BASELINES, BaselineOptions
from ilime_core.perturbation.drop_tokens import check_dropping
from ilime_core.protocols.encoders import TokenDropping
from ilime_core.records import ImageSegments

VIT = {"patch_size": 16, "width": 64, "layers": 1, "head_width": 32}


def test_it_makes_no_picture():
    pixels = np.zeros((4, 4, 3), dtype=np.uint8)
    segments = ImageSegments(np.zeros((4, 4), dtype=int), 1)
    made = BASELINES["drop_tokens"].make(BaselineOptions())(pixels, segments, np.random.default_rng(0))
    assert made is None
    assert [name for name in BASELINES.names if not BASELINES[name].paints] == ["drop_tokens"]


def test_towers_that_cannot_are_refused_and_painted_baselines_ask_for_nothing():
    planted = planted_plugin.make("cpu", "float32")
    averaging = image_tower(**VIT, pool_type="avg")[0]
    for encoder, why in ((planted, "ImageTower cannot"), (averaging, "averages its patches")):
        with pytest.raises(InputError, match=why):
            check_dropping(encoder, ["segment_mean", "drop_tokens"])
        check_dropping(encoder, ["segment_mean", "blur"])
    check_dropping(image_tower(**VIT)[0], ["drop_tokens"])


def test_wrapped_towers_can_what_the_tower_can():
    plain = planted_plugin.make("cpu", "float32")
    encoder = SimpleNamespace(**vars(image_tower(**VIT)[0]) | {"text": plain.text})
    timed, same = TimedEncoder(encoder), SameView(encoder, encoder.image)
    for one in (timed, same):
        assert isinstance(one.image, TokenDropping)
        assert one.image.patch_grid() == (4, 4)
    assert not isinstance(TimedEncoder(plain).image, TokenDropping)
    assert not isinstance(SameView(plain, encoder.image).image, TokenDropping)
