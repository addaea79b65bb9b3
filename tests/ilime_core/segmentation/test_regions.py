import time

import numpy as np
import pytest

from ilime_core.records import ImageSegments, ViewGeometry
from ilime_core.segmentation.geometry import label_map_to_original
from ilime_core.segmentation.regions import describe_regions
from ilime_core.segmentation.run_length import decode_mask, encode_mask


def whole(width, height):
    return ViewGeometry(width, height, width, height, 0.0, 0.0, 1.0, 1.0)


def test_two_rectangles_by_hand():
    labels = np.array([[0, 0, 1], [0, 0, 1]])
    regions = describe_regions(ImageSegments(labels, 2), whole(3, 2))
    assert regions.area.tolist() == [4, 2]
    assert regions.share.tolist() == [4 / 6, 2 / 6]
    assert regions.boxes.tolist() == [[0, 0, 2, 2], [2, 0, 1, 2]]
    assert regions.masks == ("042", "42")


@pytest.mark.parametrize("seed", range(4))
def test_every_region_agrees_with_its_mask(seed):
    rng = np.random.default_rng(seed)
    geometry = ViewGeometry(57, 41, 20, 20, left=9.5, top=-3.0, scale_x=0.7, scale_y=0.45)
    labels = np.arange(400).reshape(20, 20) * 0 + rng.integers(0, 6, size=(20, 20))
    regions = describe_regions(ImageSegments(labels, 6), geometry)
    original = label_map_to_original(labels, geometry)
    for segment in range(6):
        mask = original == segment
        ys, xs = np.nonzero(mask)
        box = [xs.min(), ys.min(), xs.max() - xs.min() + 1, ys.max() - ys.min() + 1]
        assert regions.area[segment] == mask.sum()
        assert regions.boxes[segment].tolist() == box
        assert regions.masks[segment] == encode_mask(mask)
        assert regions.share[segment] == np.mean(labels == segment)
        np.testing.assert_array_equal(decode_mask(regions.masks[segment], 41, 57), mask)


def test_a_segment_without_original_pixels_has_an_empty_row():
    padded = ViewGeometry(2, 1, 2, 3, left=0.0, top=-1.0, scale_x=1.0, scale_y=1.0)
    regions = describe_regions(ImageSegments(np.array([[0, 0], [1, 1], [2, 2]]), 3), padded)
    assert regions.area.tolist() == [0, 2, 0]
    assert regions.boxes.tolist() == [[0, 0, 0, 0], [0, 0, 2, 1], [0, 0, 0, 0]]
    assert regions.masks == ("2", "02", "2")


def test_a_twelve_megapixel_original_takes_under_a_second():
    geometry = ViewGeometry(4000, 3000, 224, 224, left=500.0, top=0.0, scale_x=224 / 3000, scale_y=224 / 3000)
    rng = np.random.default_rng(0)
    centres = rng.uniform(0, 224, size=(50, 2))
    y, x = np.mgrid[:224, :224]
    labels = np.argmin((y[..., None] - centres[:, 0]) ** 2 + (x[..., None] - centres[:, 1]) ** 2, axis=-1)
    start = time.process_time()
    regions = describe_regions(ImageSegments(labels, 50), geometry)
    assert time.process_time() - start < 1.0
    assert int(regions.area.sum()) == 3000 * 3000
