"""Areas and corners of shapes are those of their geometry."""

import math

import numpy as np
import pytest

from ilime_core.synthetic.shapes import COLOURS, REACH, SHAPES, coverage

AREAS = {
    "circle": math.pi * 0.93**2,
    "square": 1.6**2,
    "triangle": 1.7 * 1.7 / 2,
    "diamond": 2.0 / 1.35,
    "cross": 2 * 0.64 * 1.9 - 0.64**2,
    "ring": math.pi * (0.95**2 - 0.45**2),
}
"""Of radius 1, from the formulas of school."""


def test_every_shape_has_a_known_area():
    assert set(AREAS) == set(SHAPES)


@pytest.mark.parametrize("shape", SHAPES)
def test_covered_pixels_add_up_to_the_area(shape):
    radius = 70.0
    covered = coverage(shape, 101.3, 98.6, radius, 200)
    assert covered.sum() == pytest.approx(AREAS[shape] * radius**2, rel=0.004)
    # Rounding moves each pixel of the edge by a half at most, either way alike.
    assert (covered >= 0.5).sum() == pytest.approx(AREAS[shape] * radius**2, rel=0.01)


@pytest.mark.parametrize("shape", SHAPES)
def test_no_corner_lies_beyond_the_reach(shape):
    y, x = np.mgrid[-1.5:1.5:601j, -1.5:1.5:601j]
    farthest = np.hypot(x, y)[SHAPES[shape](x, y) < 0].max()
    assert 0.9 < farthest < REACH
    if shape == "square":
        assert farthest > REACH - 0.02  # the bound is not a loose one


def test_a_pixel_is_covered_wholly_inside_and_not_at_all_outside():
    covered = coverage("square", 5.0, 5.0, 2.5, 10)  # from 3 to 7
    assert covered[3:7, 3:7].tolist() == [[1.0] * 4] * 4
    assert covered.sum() == 16.0


def test_a_circle_is_a_ring_that_is_filled():
    ring, circle = (coverage(name, 32.0, 32.0, 20.0, 64) for name in ("ring", "circle"))
    assert (ring[32, 32], circle[32, 32]) == (0.0, 1.0)


def test_triangles_point_upwards():
    covered = coverage("triangle", 32.0, 32.0, 20.0, 64)
    widths = covered.sum(axis=1)
    assert (np.diff(widths[15:46]) > 0).all()


def test_colours_are_told_apart_from_each_other_and_from_the_ground():
    values = np.array([*COLOURS.values(), (60, 60, 60), (120, 120, 120)], dtype=float)
    distances = np.linalg.norm(values[:, None] - values[None], axis=-1) + 1e9 * np.eye(len(values))
    assert distances.min() > 80
