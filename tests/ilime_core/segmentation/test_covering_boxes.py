"""Boxes that cover most of a segment, against a loop over pixels and boxes."""

import numpy as np
import pytest

from ilime_core.records import ImageSegments, ViewGeometry
from ilime_core.segmentation.covering_boxes import covering_boxes


def by_loop(segments, boxes, geometry):
    chosen = []
    for segment in range(segments.n_segments):
        ranked = []
        pixels = np.argwhere(segments.labels == segment)
        for number, (x, y, width, height) in enumerate(boxes):
            inside = 0
            for row, column in pixels:
                across = (column + 0.5) / geometry.scale_x + geometry.left
                down = (row + 0.5) / geometry.scale_y + geometry.top
                inside += x <= across < x + width and y <= down < y + height
            if inside / len(pixels) >= 0.5:
                ranked.append((-inside, width * height, number))
        chosen.append(min(ranked)[2] if ranked else None)
    return chosen


@pytest.mark.parametrize("seed", range(20))
def test_chosen_boxes_are_those_of_a_loop(seed):
    rng = np.random.default_rng(seed)
    geometry = ViewGeometry(40, 30, 16, 12, *rng.uniform(-3, 8, 2), *rng.uniform(0.3, 0.6, 2))
    cuts = np.sort(rng.choice(np.arange(1, 16), 3, replace=False))
    columns = np.searchsorted(cuts, np.arange(16), side="right")
    segments = ImageSegments(columns[None] + 4 * (np.arange(12) >= rng.integers(1, 12))[:, None], 8)
    corners = rng.integers(-5, 25, (7, 2))
    boxes = np.concatenate([corners, rng.integers(0, 40, (7, 2))], axis=1).astype(float)
    boxes = np.concatenate([boxes, boxes[:1], np.array([[-9.0, -9, 99, 99]])[: seed % 2]])
    found = covering_boxes(segments, boxes, geometry)
    assert found == by_loop(segments, boxes, geometry)
    assert (None in found) <= (seed % 2 == 0)


def test_half_is_enough_the_smaller_box_wins_a_tie_and_without_boxes_there_is_none():
    geometry = ViewGeometry(4, 2, 4, 2, 0.0, 0.0, 1.0, 1.0)
    segments = ImageSegments(np.array([[0, 0, 1, 1]] * 2), 2)
    wide, left, half, less = [0, 0, 4, 2], [0, 0, 2, 2], [3, 0, 1, 2], [3, 0, 1, 1]

    def chosen(*boxes):
        return covering_boxes(segments, np.array(boxes, dtype=float).reshape(-1, 4), geometry)

    assert chosen(wide, left) == [1, 0]
    assert chosen(half) == [None, 0]
    assert chosen(less) == [None, None]
    assert chosen(left, left) == [0, None]
    assert chosen() == [None, None]
