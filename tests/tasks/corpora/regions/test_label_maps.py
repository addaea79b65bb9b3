"""Label maps as PNG: written and read without loss, and what is refused as none."""

import numpy as np
import pytest
from picture_files import corners, encoded
from PIL import Image

from ilime_core.errors import FailureReason, InputError, ItemError
from ilime_core.pictures.decoding import ImageLimits, label_map_from_png, label_map_png


@pytest.mark.parametrize("highest", [1, 255, 256, 65535])
def test_label_maps_survive(highest):
    labels = np.random.default_rng(0).integers(0, highest + 1, size=(13, 17))
    labels[0, 0] = highest
    data = label_map_png(labels)
    np.testing.assert_array_equal(label_map_from_png(data), labels)
    assert label_map_png(labels.astype(np.int16 if highest < 999 else np.int64)) == data


def test_maps_by_other_tools_are_read_as_they_number_their_regions():
    labels = np.array([[0, 3], [200, 3]], dtype=np.uint8)
    assert label_map_from_png(encoded(Image.fromarray(labels), "PNG")).tolist() == labels.tolist()
    palette = Image.fromarray(labels).convert("P")
    palette.putpalette(list(np.random.default_rng(0).integers(0, 256, 768)))
    assert label_map_from_png(encoded(palette, "PNG")).tolist() == labels.tolist()
    bits = Image.fromarray(labels > 100)
    assert label_map_from_png(encoded(bits, "PNG")).tolist() == [[0, 0], [1, 0]]


@pytest.mark.parametrize("labels", [[[-1]], [[65536]]])
def test_labels_beyond_16_bits_are_refused(labels):
    with pytest.raises(InputError, match="0 to 65535"):
        label_map_png(np.array(labels))


def test_what_is_no_label_map_fails_the_item():
    whole = label_map_png(np.random.default_rng(0).integers(0, 999, size=(40, 40)))
    cases = [encoded(corners(), "PNG"), encoded(corners(), "JPEG"), whole[: len(whole) // 2], b"PNG"]
    for data in cases:
        with pytest.raises(ItemError) as caught:
            label_map_from_png(data)
        assert caught.value.reason is FailureReason.UNDECODABLE
    with pytest.raises(ItemError, match="the limit is 100"):
        label_map_from_png(whole, ImageLimits(max_pixels=100))
