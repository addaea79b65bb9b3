"""Regions of two segmentations match where they hardly differ, one to one."""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.segmentation.matched_regions import matched_regions
from ilime_core.segmentation.run_length import encode_mask


def masks(labels):
    return [encode_mask(labels == number) for number in range(labels.max() + 1)]


def test_equal_masks_match_in_order_and_are_not_read():
    assert matched_regions(["no mask", "at all"], ["no mask", "at all"], 2, 2).tolist() == [0, 1]


def test_regions_in_another_order_are_found():
    labels = np.repeat(np.arange(4), 25).reshape(10, 10)
    assert matched_regions(masks(labels), masks(3 - labels), 10, 10).tolist() == [3, 2, 1, 0]


@pytest.mark.parametrize("seed", range(5))
def test_matches_are_those_of_brute_force(seed):
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 6, (20, 30)).repeat(4, axis=1)
    second = first.copy()
    changed = rng.random(second.shape) < rng.uniform(0.02, 0.2, 6)[first]
    second[changed] = rng.integers(0, 6, changed.sum())
    second = rng.permutation(6)[second]
    found = matched_regions(masks(first), masks(second), *first.shape, least=0.8)
    expected = np.full(6, -1)
    for b in range(6):
        for a in range(6):
            one, other = first == a, second == b
            if (one & other).sum() / (one | other).sum() >= 0.8:
                expected[b] = a
    assert found.tolist() == expected.tolist()
    assert (found >= 0).sum() > 0


def test_pixels_outside_of_both_views_count_for_no_region():
    first = np.full((10, 10), -1)
    first[:5] = 0
    second = first.copy()
    second[5:] = 1
    assert matched_regions(masks(first), masks(second), 10, 10).tolist() == [0, -1]
    assert matched_regions(masks(second), masks(first), 10, 10).tolist() == [0]


def test_an_overlap_of_half_is_no_match_and_is_refused():
    with pytest.raises(InputError, match="least overlap"):
        matched_regions([], [], 1, 1, least=0.5)
