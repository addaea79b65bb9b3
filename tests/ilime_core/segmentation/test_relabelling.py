"""Canonical labels, and merging of small segments.

Proves ilime_core.segmentation.merging.
"""

import numpy as np

from ilime_core.records import ImageSegments
from ilime_core.segmentation.merging import merge_smallest
from ilime_core.segmentation.relabelling import connected_segments, in_reading_order


def test_labels_are_numbered_by_their_first_pixel_row_by_row():
    segments = in_reading_order(np.array([[7, 7, -3], [5, 7, -3]]))
    assert segments.labels.tolist() == [[0, 0, 1], [2, 0, 1]]
    assert segments.n_segments == 3


def test_parts_of_one_label_are_split_but_diagonal_ones_touch():
    apart = connected_segments(np.array([[1, 0, 1], [1, 0, 1]]))
    assert apart.labels.tolist() == [[0, 1, 2], [0, 1, 2]]
    diagonal = connected_segments(np.array([[1, 0], [0, 1]]))
    assert diagonal.labels.tolist() == [[0, 1], [1, 0]]


def test_background_values_are_segments_like_others():
    assert connected_segments(np.array([[0, -1, 2]])).labels.tolist() == [[0, 1, 2]]


def grey(values):
    return np.repeat(np.array(values, dtype=np.uint8)[..., None], 3, axis=2)


def test_a_crumb_joins_the_neighbour_of_nearest_colour():
    labels = np.array([[0, 0, 0, 1, 2, 2, 2]])
    nearer_right = merge_smallest(ImageSegments(labels, 3), grey([[0, 0, 0, 90, 100, 100, 100]]), 2, 9)
    assert nearer_right.labels.tolist() == [[0, 0, 0, 1, 1, 1, 1]]
    nearer_left = merge_smallest(ImageSegments(labels, 3), grey([[0, 0, 0, 10, 100, 100, 100]]), 2, 9)
    assert nearer_left.labels.tolist() == [[0, 0, 0, 0, 1, 1, 1]]


def test_flat_areas_do_not_collapse_into_one_segment():
    labels = np.arange(64).reshape(8, 8)
    merged = merge_smallest(ImageSegments(labels, 64), np.zeros((8, 8, 3), dtype=np.uint8), 4, 64)
    area = np.bincount(merged.labels.ravel())
    assert area.min() >= 4
    assert area.max() <= 8


def test_merging_stops_at_the_count_that_is_allowed():
    labels = np.arange(8).reshape(1, 8)
    pixels = grey([[0, 1, 50, 51, 100, 101, 150, 151]])
    four = merge_smallest(ImageSegments(labels, 8), pixels, 1, 4)
    assert four.labels.tolist() == [[0, 0, 1, 1, 2, 2, 3, 3]]
    assert merge_smallest(ImageSegments(labels, 8), pixels, 1, 1).n_segments == 1


def test_a_cut_within_its_limits_is_left_alone():
    segments = ImageSegments(np.array([[0, 0, 1, 1]]), 2)
    assert merge_smallest(segments, grey([[0, 0, 0, 0]]), 2, 2) is segments


def test_merged_segments_have_the_mean_colour_of_all_their_pixels():
    labels = np.repeat([0, 1, 2, 3], [2, 3, 4, 9])[None]
    pixels = grey([[200] * 2 + [100] * 3 + [70] * 4 + [110] * 9])
    # The first two become one of colour 140: of 70 the last one, of 110, is nearer.
    merged = merge_smallest(ImageSegments(labels, 4), pixels, 1, 2)
    assert merged.labels.tolist() == [[0] * 5 + [1] * 13]
