"""The packaged model has all members of the protocols; towers of one side are none of the other.

Proves ilime_core.protocols.encoders and ilime_core.protocols.white_box.
"""

import pytest

from ilime_core.encoders.building import build_encoder
from ilime_core.encoders.spec import EncoderSpec
from ilime_core.protocols.encoders import DualEncoder, ImageEncoder, TextEncoder
from ilime_core.protocols.white_box import GatedImages, GatedTexts, LocalImages, LocalTexts

IMAGE = (ImageEncoder, GatedImages, LocalImages)
TEXT = (TextEncoder, GatedTexts, LocalTexts)


@pytest.fixture(scope="module")
def encoder():
    """The packaged model."""
    return build_encoder(EncoderSpec("scenes"), "cpu", "float32")


def test_the_packaged_model_conforms(encoder):
    assert isinstance(encoder, DualEncoder)
    assert [one for one in IMAGE if not isinstance(encoder.image, one)] == []
    assert [one for one in TEXT if not isinstance(encoder.text, one)] == []


def test_a_model_is_no_tower_and_a_tower_is_not_of_the_other_side(encoder):
    assert [one for one in (*IMAGE, *TEXT) if isinstance(encoder, one)] == []
    assert not isinstance(encoder.image, TextEncoder)
    assert not isinstance(encoder.text, (ImageEncoder, DualEncoder))


@pytest.mark.parametrize("protocol", [DualEncoder, *IMAGE, *TEXT])
def test_every_member_is_needed(protocol):
    names = {name for name in vars(protocol) if not name.startswith("_")}
    assert isinstance(type("Whole", (), dict.fromkeys(names, len))(), protocol)
    for lacking in names:
        assert not isinstance(type("Part", (), dict.fromkeys(names - {lacking}, len))(), protocol)
