import numpy as np
import pytest

from ilime_core.errors import FailureReason, ItemError
from ilime_core.records import ViewGeometry
from ilime_core.segmentation.given import given_segments, given_values

# The right half of an 8 x 4 original at half size.
RIGHT_HALF = ViewGeometry(8, 4, 2, 2, left=4.0, top=0.0, scale_x=0.5, scale_y=0.5)


def label_map():
    labels = np.zeros((4, 8), dtype=int)
    labels[:2, 4:6] = 9
    labels[2:, 6:] = 9
    labels[2:, 4:6] = 5
    return labels


def test_regions_keep_their_parts_and_are_numbered_as_the_view_reads():
    segments = given_segments(label_map(), RIGHT_HALF)
    assert segments.labels.tolist() == [[0, 1], [2, 0]]
    assert segments.n_segments == 3
    assert given_values(label_map(), RIGHT_HALF, segments) == [9, 0, 5]


def test_a_region_in_two_parts_stays_one():
    view = ViewGeometry(3, 1, 3, 1, 0.0, 0.0, 1.0, 1.0)
    assert given_segments(np.array([[4, 1, 4]]), view).labels.tolist() == [[0, 1, 0]]


def test_another_crop_shows_other_regions():
    left_half = ViewGeometry(8, 4, 2, 2, left=0.0, top=0.0, scale_x=0.5, scale_y=0.5)
    assert given_segments(label_map(), left_half).labels.tolist() == [[0, 0], [0, 0]]


def test_padding_goes_with_the_nearest_region():
    padded = ViewGeometry(2, 1, 2, 3, left=0.0, top=-1.0, scale_x=1.0, scale_y=1.0)
    assert given_segments(np.array([[4, 7]]), padded).labels.tolist() == [[0, 1]] * 3


def test_a_map_of_another_size_fails_the_item():
    with pytest.raises(ItemError, match="7 x 4 pixels, its upright image 8 x 4") as caught:
        given_segments(np.zeros((4, 7), dtype=int), RIGHT_HALF)
    assert caught.value.reason is FailureReason.UNDECODABLE
