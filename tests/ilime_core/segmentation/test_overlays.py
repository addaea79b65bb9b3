import numpy as np

from ilime_core.segmentation.overlays import overlay_masks


def mask(rows):
    return np.array([[cell == "x" for cell in row] for row in rows])


def test_the_smallest_mask_of_a_pixel_is_on_top_in_whatever_order_they_come():
    large, middle, small = mask(["xxxx", "xxx."]), mask(["xxx.", "...."]), mask([".x..", ".x.."])
    assert overlay_masks([large, middle, small], 2, 4).tolist() == [[2, 3, 2, 1], [1, 3, 1, 0]]
    assert overlay_masks([small, large, middle], 2, 4).tolist() == [[3, 1, 3, 2], [2, 1, 2, 0]]


def test_of_two_equal_areas_the_first_is_on_top():
    left, right = mask(["xx."]), mask([".xx"])
    assert overlay_masks([left, right], 1, 3).tolist() == [[1, 1, 2]]
    assert overlay_masks([right, left], 1, 3).tolist() == [[2, 1, 1]]


def test_without_masks_all_is_background():
    assert overlay_masks([], 2, 2).tolist() == [[0, 0], [0, 0]]
