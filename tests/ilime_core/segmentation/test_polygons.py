import numpy as np
import pytest
from skimage.draw import polygon2mask

from ilime_core.errors import InputError
from ilime_core.segmentation.polygons import fill_polygon


def corners(*points):
    return np.array(points, dtype=np.float32)


@pytest.mark.parametrize(
    ("left", "top", "right", "bottom", "columns", "rows"),
    [
        (2, 1, 5, 3, range(2, 5), range(1, 3)),  # along the edges of pixels
        (1.6, 0.6, 4.4, 2.4, range(2, 4), range(1, 2)),  # only pixels whose centres are inside
        (1.4, 0.4, 4.6, 2.6, range(1, 5), range(3)),
        (-50, -50, 50, 50, range(8), range(6)),  # cut off at the picture
        (3.1, 3.1, 3.4, 3.4, range(0), range(0)),  # between centres
    ],
)
@pytest.mark.parametrize("backwards", [False, True])
def test_rectangles_hold_the_pixels_whose_centres_are_inside(
    left, top, right, bottom, columns, rows, backwards
):
    outline = corners((left, top), (right, top), (right, bottom), (left, bottom))
    filled = fill_polygon(outline[::-1] if backwards else outline, 6, 8)
    expected = np.zeros((6, 8), dtype=bool)
    for row in rows:
        for column in columns:
            expected[row, column] = True
    assert np.array_equal(filled, expected)


def test_triangles_side_by_side_share_no_pixel_and_leave_none_out():
    rng = np.random.default_rng(0)
    for inner in rng.uniform(0, 20, size=(20, 2)):
        square = [(0, 0), (20, 0), (20, 20), (0, 20)]
        parts = [
            fill_polygon(corners(a, b, inner), 20, 20)
            for a, b in zip(square, square[1:] + square[:1], strict=True)
        ]
        assert np.array_equal(np.sum(parts, axis=0), np.ones((20, 20)))


def test_random_outlines_that_cross_themselves_agree_with_another_rasteriser():
    rng = np.random.default_rng(1)
    for _ in range(50):
        outline = rng.uniform(-5, 45, size=(rng.integers(3, 12), 2))
        expected = polygon2mask((30, 40), outline[:, ::-1] - 0.5)
        assert np.array_equal(fill_polygon(outline, 30, 40), expected)


@pytest.mark.parametrize("outline", [corners((0, 0), (1, 1)), corners((0, 0), (1, 1), (np.nan, 2))])
def test_what_is_no_outline_is_refused(outline):
    with pytest.raises(InputError, match="three finite corners"):
        fill_polygon(outline, 4, 4)
