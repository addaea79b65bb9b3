"""Parts are counted in regions by hand, and pixels of originals arrive where views show them.

Proves ilime_core.faithfulness.truth_in_view.
"""

import numpy as np
import pytest

from ilime_core.errors import InputError
from ilime_core.faithfulness.region_truth import NamedPart, RegionTruth
from ilime_core.faithfulness.truth_in_view import boxes_in_view, mask_in_view, named_part, region_areas
from ilime_core.records import ViewGeometry

LABELS = np.repeat([[0, 1, 2, -1]], 4, axis=0)


def mask(*pixels):
    found = np.zeros((4, 4), dtype=bool)
    for row, column in pixels:
        found[row, column] = True
    return found


def truth_of(*covered):
    parts = tuple(NamedPart((at,), np.array(shares, dtype=float), 0.1) for at, shares in enumerate(covered))
    return RegionTruth(parts, np.full(len(covered[0]), 1 / len(covered[0])))


def test_cover_and_size_are_shares_of_pixels_that_belong_to_a_region():
    part = named_part((3, 4), mask((0, 0), (1, 0), (2, 0), (0, 1), (0, 3)), LABELS, 4)
    assert part.words == (3, 4)
    assert part.covered.tolist() == [0.75, 0.25, 0.0, 0.0]
    assert part.size == 4 / 12
    assert region_areas(LABELS, 4).tolist() == [1 / 3, 1 / 3, 1 / 3, 0.0]


def test_areas_need_a_region():
    with pytest.raises(InputError, match="without regions has no areas"):
        region_areas(np.full((2, 2), -1), 1)


def test_a_region_shows_the_part_that_covers_most_of_it():
    shown = truth_of([0.25, 0.25, 0.0], [0.0, 0.75, 0.0]).shown()
    assert shown.tolist() == [[True, False], [False, True], [False, False]]


def test_two_names_of_one_object_are_both_shown():
    assert truth_of([0.5, 0.0], [0.5, 0.0]).shown().tolist() == [[True, True], [False, False]]


@pytest.mark.parametrize(("least", "expected"), [(0.0, True), (0.05, True), (0.25, True), (0.26, False)])
def test_a_part_has_to_cover_its_share(least, expected):
    assert truth_of([0.0, 0.25]).shown(least).tolist() == [[False], [expected]]


def test_a_truth_without_parts_shows_nothing():
    assert RegionTruth((), np.array([0.5, 0.5])).shown().shape == (2, 0)


# The view shows columns 2 to 6 and rows 0 to 4 of an original of 8 x 4, each pixel twice as large.
CROP = ViewGeometry(8, 4, view_width=8, view_height=8, left=2.0, top=0.0, scale_x=2.0, scale_y=2.0)
# The whole original of 8 x 4 with two rows of padding above and below, at half size.
PADDED = ViewGeometry(8, 4, view_width=4, view_height=4, left=0.0, top=-2.0, scale_x=0.5, scale_y=0.5)


def spots(view):
    rows, columns = np.nonzero(view)
    return rows.min(), rows.max() + 1, columns.min(), columns.max() + 1, int(view.sum())


def test_a_box_is_cut_and_enlarged_as_the_view_is():
    view = boxes_in_view(np.array([[1.0, 1.0, 2.0, 1.0]]), CROP)
    assert spots(view) == (2, 4, 0, 2, 4)


def test_half_pixels_decide_by_the_centre():
    assert spots(boxes_in_view(np.array([[3.0, 0.0, 0.5, 0.3]]), CROP)) == (0, 1, 2, 3, 1)
    assert not boxes_in_view(np.array([[3.0, 0.0, 0.2, 4.0]]), CROP).any()


def test_several_boxes_are_one_area():
    boxes = np.array([[2.0, 0.0, 1.0, 1.0], [2.0, 0.0, 2.0, 1.0], [5.0, 3.0, 1.0, 1.0]])
    assert int(boxes_in_view(boxes, CROP).sum()) == 8 + 4


def test_no_box_covers_nothing():
    assert not boxes_in_view(np.zeros((0, 4)), CROP).any()


@pytest.mark.parametrize("geometry", [CROP, PADDED], ids=["crop", "padded"])
def test_a_mask_of_a_box_arrives_as_the_box_does(geometry):
    original = np.zeros((4, 8), dtype=bool)
    original[1:3, 2:6] = True
    box = boxes_in_view(np.array([[2.0, 1.0, 4.0, 2.0]]), geometry)
    assert box.any()
    assert np.array_equal(mask_in_view(original, geometry), box)


def test_padding_shows_nothing():
    everything = boxes_in_view(np.array([[-5.0, -5.0, 90.0, 90.0]]), PADDED)
    assert spots(everything) == (1, 3, 0, 4, 8)
    assert np.array_equal(mask_in_view(np.ones((4, 8), dtype=bool), PADDED), everything)


def test_a_mask_of_another_picture_is_refused():
    with pytest.raises(InputError, match="the mask is 4 x 8 pixels, the image 8 x 4"):
        mask_in_view(np.ones((8, 4), dtype=bool), CROP)
