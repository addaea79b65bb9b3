"""Two models are compared on one picture: that of the first, where both would cut it alike."""

import numpy as np
import pytest
import torch
from linear_plugin import Linear
from PIL import Image

from ilime_core.encoders.preprocessing import Preprocessing
from ilime_core.encoders.same_view import SameView
from ilime_core.errors import InputError

GRAIN = Image.fromarray(np.random.default_rng(0).integers(0, 256, (40, 60, 3), dtype=np.uint8))


def model(seed, **view):
    made = Linear(seed)
    wanted = {"height": 24, "width": 24, "resize": "squash", "interpolation": "bilinear"} | view
    made.image._view = Preprocessing(**wanted, fill=0, mean=(0.5,) * 3, std=(0.5,) * 3)
    return made


def test_pixels_are_the_first_models_and_embeddings_the_others():
    first, other = model(0), model(1, interpolation="bicubic")
    both = SameView(other, first.image)
    view = both.image.view(GRAIN)
    assert (view.pixels == first.image.view(GRAIN).pixels).all()
    assert (view.pixels != other.image.view(GRAIN).pixels).any()
    batch = torch.from_numpy(view.pixels).permute(2, 0, 1)[None].float() / 255
    assert torch.equal(both.image.encode(batch), other.image.encode(batch))
    assert both.text is other.text
    assert (both.device, both.fingerprint()) == ("cpu", other.fingerprint())
    assert (both.image.dim, both.image.patch_size) == (16, None)


@pytest.mark.parametrize(
    ("view", "message"),
    [
        ({"width": 32}, "of an image of 60 x 40 the other model sees 32 x 24"),
        ({"resize": "shortest"}, r"the run's 24 x 24 from \(0, 0\) at scale 0\.4 x 0\.6"),
    ],
)
def test_another_size_or_crop_is_refused(view, message):
    both = SameView(model(1, **view), model(0).image)
    with pytest.raises(InputError, match=message):
        both.image.view(GRAIN)
